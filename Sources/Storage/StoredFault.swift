/// What is wrong with bytes that were read back.
enum StoredFault: Error, Hashable {
    /// Somebody else's file: it does not begin as ours do.
    case foreign
    /// Whole, and of a format that this release does not know.
    case otherFormat(UInt16)
    case damaged(String)
    /// Written by a person, who can mend it.
    case illegible(String)
}
