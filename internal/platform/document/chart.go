package document

import "strconv"

// Chart (条形图) is a picture of numbers: a bar for each, as long as its number is large. It never says more than a table beside it does.
type Chart struct {
	Caption string
	Bars    []Bar
}

// Bar is one number of a chart.
type Bar struct {
	Name   string
	Number int64
	Second bool // drawn lighter: the second number of a pair
}

// Measures of a chart in mm.
const (
	barHeight = 4.2
	barGap    = 1.6
	barNames  = 58.0 // width of the names
	barRoom   = 14.0 // for the number behind a bar
)

var (
	barColour    = colour{11, 107, 118}
	secondColour = colour{133, 178, 184}
)

// chart draws a chart: on one page when it fits on one.
func (x *setter) chart(c *Chart) error {
	names := style{faces: plainFaces, size: gridText, colour: black}
	most := int64(1)
	wrapped := make([][]string, len(c.Bars))
	tall := 0.0
	height := func(i int) float64 { return max(barHeight, float64(len(wrapped[i]))*names.em()*gridLeading) + barGap }
	for i := range c.Bars {
		most = max(most, c.Bars[i].Number)
		var err error
		if wrapped[i], err = x.wrap(&names, c.Bars[i].Name, barNames-2*gridPad, 0); err != nil {
			return err
		}
		tall += height(i)
	}
	const head = 8
	if x.y+head+tall > paperBottom && paperTop+head+tall <= paperBottom {
		x.turn()
	}
	if err := x.lines(style{faces: boldFaces, size: gridText, colour: black}, c.Caption, 0, 0, false); err != nil {
		return err
	}
	x.y++
	from := paperLeft + barNames
	room := paperRight - from - barRoom
	for i, bar := range c.Bars {
		if x.y+height(i) > paperBottom {
			x.turn()
		}
		lead := names.em() * gridLeading
		top := x.y + (height(i)-barGap-float64(len(wrapped[i]))*lead)/2
		for _, line := range wrapped[i] {
			top += lead
			x.put(item{kind: "text", x: paperLeft, y: top - (lead-names.em())/2 - descent*names.em(), style: names, text: line})
		}
		middle := x.y + (height(i)-barGap)/2
		long := room * float64(max(0, bar.Number)) / float64(most)
		s := style{size: gridLine, colour: barColour}
		if bar.Second {
			s.colour = secondColour
		}
		if long > 0 {
			x.put(item{kind: "bar", x: from, y: middle - barHeight/2, x2: from + long, y2: middle + barHeight/2, style: s})
		}
		x.put(item{kind: "text", x: from + long + 1.5, y: middle + names.em()/2 - descent*names.em(), style: names, text: strconv.FormatInt(bar.Number, 10)})
		x.y += height(i)
	}
	x.y += 4
	return nil
}
