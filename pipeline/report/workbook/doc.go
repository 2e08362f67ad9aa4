// Package workbook gives a user's own workbook back: with its wrong cells coloured and commented, or with other texts
// in some. It edits the parts of the file as a stream and by hand: excelize holds the whole workbook in memory and
// writes all of it anew, so that what it does not know of is lost.
//
// What is refused goes as a workbook of our own, written as a stream, too.
package workbook
