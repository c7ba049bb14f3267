package workflowfile

import "strings"

// Diff shows how text b differs from a, line by line: "-" only in a, "+" only in b.
// Lines that both have and that are far from a difference are left out.
func Diff(a, b string) string {
	before, after := strings.Split(strings.TrimSuffix(a, "\n"), "\n"), strings.Split(strings.TrimSuffix(b, "\n"), "\n")
	type line struct {
		mark string
		text string
	}
	var lines []line
	// What is the same at both ends is cheap to find, and leaves little for the rest.
	head := 0
	for head < len(before) && head < len(after) && before[head] == after[head] {
		lines = append(lines, line{" ", before[head]})
		head++
	}
	tail := 0
	for tail < len(before)-head && tail < len(after)-head && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	x, y := before[head:len(before)-tail], after[head:len(after)-tail]
	common := longest(x, y)
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			lines = append(lines, line{" ", x[i]})
			i, j = i+1, j+1
		case i < len(x) && (j == len(y) || common == nil || common[i+1][j] >= common[i][j+1]):
			lines = append(lines, line{"-", x[i]})
			i++
		default:
			lines = append(lines, line{"+", y[j]})
			j++
		}
	}
	for k := len(before) - tail; k < len(before); k++ {
		lines = append(lines, line{" ", before[k]})
	}

	const context = 3
	near := make([]bool, len(lines))
	for k, l := range lines {
		if l.mark != " " {
			for n := max(0, k-context); n <= min(len(lines)-1, k+context); n++ {
				near[n] = true
			}
		}
	}
	var out strings.Builder
	for k, l := range lines {
		switch {
		case near[k]:
			out.WriteString("  " + l.mark + " " + l.text + "\n")
		case k > 0 && near[k-1]:
			out.WriteString("    …\n")
		}
	}
	return strings.TrimSuffix(out.String(), "    …\n")
}

// maxCompare bounds the table below; longer texts are shown as replaced.
const maxCompare = 4_000_000

// longest returns for each pair of beginnings cut off how many lines the rests have
// in common, or nil when that would cost too much.
func longest(x, y []string) [][]int {
	if len(x)*len(y) > maxCompare {
		return nil
	}
	table := make([][]int, len(x)+1)
	for i := range table {
		table[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	return table
}
