// Package fetch brings the files of a night: it finds the newest file of a source, waits until nobody writes to it any
// more, tells whether it is the one that was taken last, and fetches it where it is elsewhere.
//
// A place is a local folder, a web address, an SFTP server, an S3 store, or a command that writes the file. What is
// fetched becomes a file of mode 0600 that is whole or not there. No error holds a secret or a query of an address,
// which may be one.
package fetch
