package query

import (
	"fmt"
	"math/big"
	"net/netip"
	"regexp"
	"strings"

	"tarn/internal/hint"
)

// Trino's types ipaddress and ipprefix are not the engine's. What they are
// mostly for is understood: contains('10.0.0.0/8', CAST(x AS ipaddress)).

// networkText is what is taken for a network where there is no cast.
var networkText = regexp.MustCompile(`^[0-9A-Fa-f.:]+/\d+$`)

// network rewrites contains(network, address), and reports whether it was that.
// Addresses are numbers of 128 bits, those of IPv4 within ::ffff:0:0/96; what is
// no address is NULL.
func (r *resolver) network(n node) bool {
	args := children(n, "children")
	if len(args) != 2 {
		return false
	}
	network, address := args[0], args[1]
	if castsTo(network, "ipprefix") {
		network = child(network, "child")
	}
	text, isText := literal(network)
	switch {
	case castsTo(address, "ipaddress"):
		address = child(address, "child")
	case !isText || !networkText.MatchString(text):
		return false
	}
	if !isText {
		r.fail(hint.Add(r.src.faultAt(at(n), "the network in contains(network, address) must be a text, not an expression"),
			"as in contains('10.0.0.0/8', CAST(sourceIPAddress AS ipaddress))"))
		return true
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		r.fail(hint.Add(r.src.faultAt(at(network), fmt.Sprintf("'%s' is not a network", text)), "networks are written like '10.0.0.0/8' and '2001:db8::/32'"))
		return true
	}
	first, last := limits(prefix)
	become(n, node{"class": "BETWEEN", "type": "COMPARE_BETWEEN", "input": call("tarn_address", address),
		"lower": castTo("UHUGEINT", textValue(first)), "upper": castTo("UHUGEINT", textValue(last))})
	return true
}

// limits returns the first and the last address of a network as numbers.
func limits(p netip.Prefix) (first, last string) {
	bits := p.Bits()
	if p.Addr().Is4() {
		bits += 96
	}
	from := p.Masked().Addr().As16()
	first128 := new(big.Int).SetBytes(from[:])
	span := new(big.Int).Lsh(big.NewInt(1), uint(128-bits))
	last128 := new(big.Int).Add(first128, span)
	return first128.String(), last128.Sub(last128, big.NewInt(1)).String()
}

// castsTo reports whether an expression is a cast to a type of that name.
func castsTo(n node, name string) bool {
	return kind(n) == "OPERATOR_CAST" && strings.EqualFold(str(child(child(n, "cast_type"), "type_info"), "name"), name)
}

// addresses puts numbers in place of addresses that are compared with each
// other.
func (r *resolver) addresses(operands []node) {
	for _, n := range operands {
		if !castsTo(n, "ipaddress") {
			return
		}
	}
	for _, n := range operands {
		address := child(n, "child")
		if text, ok := literal(address); ok {
			if _, err := netip.ParseAddr(text); err != nil {
				r.fail(r.src.faultAt(at(n), fmt.Sprintf("'%s' is not an address", text)))
				return
			}
		}
		become(n, call("tarn_address", address))
	}
}

// refuseAddress refuses the types for addresses anywhere else.
func (r *resolver) refuseAddress(n node) {
	if castsTo(n, "ipaddress") || castsTo(n, "ipprefix") {
		r.fail(hint.Add(r.src.faultAt(at(n), "the types ipaddress and ipprefix are understood in comparisons of addresses and within contains alone"),
			"write contains('10.0.0.0/8', CAST(sourceIPAddress AS ipaddress))"))
	}
}
