/// The program's version, as packages name it.
package let programVersion = "0.1.0"
