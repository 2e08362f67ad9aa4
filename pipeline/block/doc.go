// package block holds what travels between the stages: blocks of rows with what was found of them, the records made of
// rows that are fit to be sent, and the outcome that each row ends with.
package block
