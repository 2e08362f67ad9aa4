// Package klass knows the attributes that an org's object types (Klasses) have: it reads them from the org's metadata,
// writes and reads them as a file for people, names new ones, and finds how two Klasses differ.
package klass
