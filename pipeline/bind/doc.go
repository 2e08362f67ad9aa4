// package bind opens the inputs of a run and makes tables of them: which mapping each takes (named, beside it, a
// preset, a guess), what each column becomes, and what the schema asks of it there. It sends nothing and checks no row.
package bind
