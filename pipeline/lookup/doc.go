// Package lookup reads customers of an org at the least cost in requests. It knows what each way of asking costs, a
// keyed read, a search of twenty, a list, and how far the search may be believed; it cannot write.
package lookup
