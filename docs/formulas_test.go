package docs

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// GitHub shows every formula as it is written. It reads a page as Markdown first, and takes as a formula what then stands between two
// dollars. What Markdown takes for itself is lost or ends the formula, and nothing reports that. It leaves alone what is code to it: a
// block fenced as math, and what stands between backticks inside of the dollars.
func TestFormulas(t *testing.T) {
	for _, path := range pages(t) {
		for _, complaint := range complaints(read(t, path)) {
			t.Errorf("%s: %s", path, complaint)
		}
	}
}

func TestComplaints(t *testing.T) {
	for _, text := range []string{
		`Where $x_i < y_j$, $\bar u_i = 3 u_i^2 \bar y_i$; is $n_\text{in}$: $f'$. $H_{ij} = \partial^2 f/\partial x_i$!`,
		`| $x_1$ | $\lVert x\rVert$ |`,
		"($`\\{a * b\\}`$ is one)",
		"`^$`, and `$ go test`",
		"```math\n\\{ |a * b| \\\\ [c]_i \\}\n```",
		"```console\n$ go test\n```",
	} {
		if got := complaints(text); got != nil {
			t.Errorf("%s: %q", text, got)
		}
	}
	for text, want := range map[string]string{
		`It costs $5.`:                       "no second dollar",
		`Here ($x$) it is`:                   "does not begin",
		`a$x$`:                               "does not begin",
		"a$`x`$":                             "does not begin",
		`$a$$b$`:                             "does not begin",
		"$`\\mbox{a}`$":                      `\mbox`,
		`$ x$`:                               "blank",
		`$x $`:                               "blank",
		`the $n$th`:                          "goes on",
		`$\{x\}$`:                            "backslash",
		`$a\,b$`:                             "backslash",
		`$\bar{u}_{i} = \bar{v}_{i}$`:        "emphasis",
		`$_i$`:                               "emphasis",
		`$a * b$`:                            "Markdown",
		`$a<b$`:                              "Markdown",
		`$[a](b)$`:                           "Markdown",
		`$a & b$`:                            "Markdown",
		`| $|x|$ | 1 |`:                      "cell",
		`$\operatorname{relu}(x)$`:           `\operatorname`,
		"```math\n\\operatorname{relu}\n```": `\operatorname`,
	} {
		if got := complaints(text); !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("%s: %q lacks %q", text, got, want)
		}
	}
}

// complaints says which formulas of a page GitHub would not show as they are meant, and why.
func complaints(text string) (found []string) {
	complain := func(formula, format string, a ...any) {
		found = append(found, fmt.Sprintf("%s: ", formula)+fmt.Sprintf(format, a...))
	}
	for _, formula := range asCode.FindAllString(text, -1) {
		if macro := refused.FindString(formula); macro != "" {
			complain(formula, "GitHub does not allow %s", macro)
		}
		if goesOn.MatchString(formula) {
			complain(formula, "it does not begin a word; GitHub then sees no formula")
		}
	}
	for line := range strings.Lines(withoutCode(asCode.ReplaceAllString(text, ""))) {
		for before, rest := "", line; strings.Contains(rest, "$"); {
			outside, opened, _ := strings.Cut(rest, "$")
			formula, after, closed := strings.Cut(opened, "$")
			if !closed {
				complain(line, "there is no second dollar in the line; a dollar that is none of a formula's belongs into code")
				break
			}
			if before += outside; before != "" && !strings.HasSuffix(before, " ") {
				complain(line, "$%s$ does not begin the line and does not follow a blank; GitHub may then see no formula, but does in $`%s`$", formula, formula)
			}
			if goesOn.MatchString(after) {
				complain(line, "the word goes on after $%s$; GitHub then sees no formula", formula)
			}
			for _, trap := range traps {
				if trap.pattern.MatchString("$" + formula + "$") {
					complain(line, "$%s$: %s", formula, trap.why)
				}
			}
			if strings.HasPrefix(line, "|") && strings.Contains(formula, "|") {
				complain(line, "$%s$: the bar ends the cell; write \\lvert, \\rvert or \\mid", formula)
			}
			before, rest = "$", after
		}
	}
	return found
}

var (
	asCode  = regexp.MustCompile("(?ms)^```math$.*?^```$|.?\\$`[^`\n]+`\\$")
	refused = regexp.MustCompile(`\\(operatorname|mbox|phantom|newcommand|renewcommand|def|let|require)\b`)
	goesOn  = regexp.MustCompile(`^[\pL\pN]`)
	traps   = []struct {
		pattern *regexp.Regexp
		why     string
	}{
		{regexp.MustCompile(`^\$\s|\s\$$`), "a blank beside its dollar; GitHub then sees no formula"},
		{regexp.MustCompile(`\\[[:punct:]]`), "Markdown takes a backslash before punctuation away"},
		{regexp.MustCompile(`[^\pL\pN]_`), "an underscore that does not follow a letter or digit may begin an emphasis; the braces before it are often not needed"},
		{regexp.MustCompile("[*`~&]|<\\S|\\]\\("), "this is Markdown: write \\ast, \\sim, a blank after <, or a block fenced as math"},
		{refused, "GitHub does not allow this macro"},
	}
)
