// Package link has records name companies by Kustomer's ids: it is the stage between the checks and the sending that
// looks up the companies that rows name by external id or by name, and makes those that the org lacks.
package link
