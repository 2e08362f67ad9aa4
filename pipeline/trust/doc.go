// Package trust says whom muster believes: which hosts are this machine or Kustomer's, which files and directories
// nobody else can change, to which host a key may go, and what of the environment a child process is given.
//
// Replace is written by hand, in 25 lines, since google/renameio has nothing for Windows.
package trust
