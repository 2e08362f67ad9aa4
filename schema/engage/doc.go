// Package engage reads the customer properties of Sinch Engage: their definitions, a cell held to its property's type,
// and the attributes and the mapping that they become in Kustomer.
package engage
