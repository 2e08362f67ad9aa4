package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// shopifyColumns are those of an export of Shopify's, and one that a shop added.
var shopifyColumns = [...]string{"Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing",
	"Default Address Company", "Default Address Address1",
	"Default Address Address2", "Default Address City", "Default Address Province Code", "Default Address Country Code",
	"Default Address Zip", "Default Address Phone",
	"Phone", "Accepts SMS Marketing", "Total Spent", "Total Orders", "Note", "Tax Exempt", "Tags",
	"Loyalty (customer.metafields.shop.loyalty)"}

// writeShopify makes a file as Shopify exports customers: an apostrophe stands before what a spreadsheet would spoil.
func writeShopify(out io.Writer, s settings) error {
	buffered := bufio.NewWriter(out)
	w := csv.NewWriter(buffered)
	err := w.Write(shopifyColumns[:])
	yes := map[bool]string{true: "yes", false: "no"}
	var p person
	for i := range s.rows {
		p.become(s.seed, i)
		country, _, _ := strings.Cut(p.place.country, " ")
		if len(country) != 2 {
			country = ""
		}
		err = errors.Join(err, w.Write([]string{fmt.Sprintf("'%d", 7210448300000+p.number), p.first.shown, p.last.shown,
			string(p.appendEmail(nil, false)), yes[p.hasTier()], "",
			fmt.Sprintf("%d Main Street", p.number%900+1), "", p.place.city, "", country,
			fmt.Sprintf("'%05d", p.number*7%100000), "", "'" + string(p.appendPhone(nil, 0)),
			yes[p.isVIP()], fmt.Sprintf("%d.%02d", p.orders()*17, p.orders()%100), fmt.Sprint(p.orders()), "", "no",
			strings.Trim(string(p.tags.csv), `"`),
			[]string{"gold", "silver", "none"}[p.orders()%3]}))
	}
	w.Flush()
	return errors.Join(err, w.Error(), buffered.Flush())
}
