package simulator

import (
	"fmt"
	"strings"
)

// pageLinks is the Link header of a list, as captured: no space around the commas; on a first page whose request named
// no offset there is a prev with a negative one; none at all when everything fits on one page.
func pageLinks(url, rawQuery string, limit, offset, total int) string {
	if limit <= 0 || offset == 0 && total <= limit {
		return ""
	}
	var keep []string
	explicit := false
	for _, p := range strings.Split(rawQuery, "&") {
		if strings.HasPrefix(p, "sysparm_offset=") {
			explicit = true
		} else if p != "" {
			keep = append(keep, p)
		}
	}
	link := func(at int, rel string) string {
		return fmt.Sprintf(`<%s?%s>;rel="%s"`, url, strings.Join(append(keep[:len(keep):len(keep)],
			fmt.Sprintf("sysparm_offset=%d", at)), "&"), rel)
	}
	links := []string{link(0, "first")}
	if offset > 0 || !explicit {
		links = append(links, link(offset-limit, "prev"))
	}
	if offset+limit < total {
		links = append(links, link(offset+limit, "next"))
	}
	return strings.Join(append(links, link(max(total-1, 0)/limit*limit, "last")), ",")
}
