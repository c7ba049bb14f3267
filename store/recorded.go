package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// EventPages divides the events that Neo received since a time into pages of that
// many: it returns the id with which each ends, and the number of events.
func (db *DB) EventPages(ctx context.Context, tenant string, since time.Time, size int) (ends []string, total int, err error) {
	type end struct {
		id string
		n  int
	}
	all, err := collect(ctx, db.read, func(row Row) (e end, err error) {
		return e, row.Scan(&e.id, &e.n)
	}, `SELECT id, n FROM (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS total
		FROM event WHERE tenant_id = $1 AND id >= $2) AS numbered WHERE n % $3 = 0 OR n = total ORDER BY n`, tenant, neo.FirstID(since), size)
	for _, e := range all {
		ends, total = append(ends, e.id), e.n
	}
	return ends, total, failed("count the recorded events", err)
}

// RecordedEvents returns the events after one id up to another that the scan wants,
// in the order of their ids. Most of the others are not even decoded. Events of a
// backfill, those about which Neo has not decided yet, and those that the instance does
// not confirm are left out.
func (db *DB) RecordedEvents(ctx context.Context, tenant, after, until string, want neo.EventScan) ([]neo.Event, error) {
	const doing = "read the recorded events"
	query := `SELECT ` + eventColumns + ` FROM event WHERE tenant_id = $1 AND id > $2 AND id <= $3 AND disposition NOT IN ('RECORDED', 'HELD') AND NOT unconfirmed`
	if !want.Own {
		query += ` AND disposition <> 'OWN_WRITE'`
	}
	rows, err := db.read.Query(ctx, query+` ORDER BY id`, tenant, after, until)
	if err != nil {
		return nil, failed(doing, err)
	}
	defer rows.Close()
	var events []neo.Event
	filter := newDataFilter(want)
	for rows.Next() {
		var e neo.Event
		data := filteredData{filter: filter, event: &e}
		err := rows.Scan(&e.ID, &e.TenantID, &e.Ticket.IntegrationID, &e.Ticket.Class, &e.Ticket.RemoteID, &e.Version, &e.Number, &e.Type, &e.Source,
			&e.ChangedBy, timeTo(&e.ChangedAt), timeTo(&e.ReceivedAt), &e.Disposition, &e.HeldBy, &e.Revision, &e.Unconfirmed, &data)
		if err != nil {
			return nil, failed(doing, err)
		}
		if data.wanted {
			events = append(events, e)
		}
	}
	return events, failed(doing, rows.Err())
}

// dataFilter looks for what a scan wants in the text of an event's data.
type dataFilter struct {
	created, updated bool
	changed          []string // "field":"state"
	wrote            []string // "element":"comments"
	kinds            []string // "RESOLVED"
}

func newDataFilter(want neo.EventScan) *dataFilter {
	f := &dataFilter{created: want.Created, updated: want.Updated}
	for _, name := range want.Fields {
		quoted := string(appendString(nil, name))
		f.changed, f.wrote = append(f.changed, `"field":`+quoted), append(f.wrote, `"element":`+quoted)
	}
	for _, k := range want.Kinds {
		f.kinds = append(f.kinds, string(appendString(nil, string(k))))
	}
	return f
}

// wants may say yes too often, never no to an event that the scan names: what it
// looks for stands before the record's fields, but a value may hold the same text.
func (f *dataFilter) wants(kind neo.EventType, data string) bool {
	if kind == neo.EntityCreated && f.created || kind == neo.EntityUpdated && f.updated {
		return true
	}
	head, _, _ := strings.Cut(data, `"fields":`)
	for _, all := range [][]string{f.changed, f.wrote, f.kinds} {
		for _, part := range all {
			if strings.Contains(head, part) {
				return true
			}
		}
	}
	return false
}

// filteredData reads the data of an event if it is wanted. The event's type must
// have been read before.
type filteredData struct {
	filter *dataFilter
	event  *neo.Event
	wanted bool
}

func (s *filteredData) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		raw, ok := src.([]byte)
		if !ok {
			return fmt.Errorf("the data of an event is stored as %T", src)
		}
		text = string(raw)
	}
	if s.wanted = s.filter.wants(s.event.Type, text); !s.wanted {
		return nil
	}
	return dataTo(&s.event.EventData).Scan(text)
}
