// Package dedupe finds out which rows of an input are one record: its dedup index holds the hash of every identity of
// every row, and says which rows have an earlier one with the same. It holds no value, and its memory does not grow
// with the input.
package dedupe
