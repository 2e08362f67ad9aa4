// package check turns rows into records and problems: it maps a block's rows, holds them to the schema and to
// definitions, names their identities, and writes the lines that reports have of them. It sends nothing and knows no
// org.
package check
