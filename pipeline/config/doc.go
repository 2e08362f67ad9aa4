// Package config reads muster.yaml, the file that says what a night's work is: which jobs, from which sources, to
// which org, with which guards, and who is told. It knows how the file is written and nothing of what is done with it:
// no file but muster.yaml, and the tables of orgs that it names, is opened here, and no connection.
//
// Names of files in it are meant from the folder it is in. It never holds a secret, only where one is found.
package config
