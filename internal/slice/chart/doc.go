// Package chart is the room in which flow charts of powers are drawn (权力运行流程图): missions M10 and X05.
//
// A chart (流程图) belongs to a body and is for some of its powers. It is a BPMN 2.0 file, and what is published is what runs: a version
// goes from the drawing board to the cases in four steps.
//
//	draw (draft) → check → hand in: review and approval by platform/publication → published and in force
//	   ↑                        │ returned
//	   └────────────────────────┘
//
// Drawing ([Service.Save]) keeps what was drawn, byte for byte, whatever is still wrong with it; only what is no XML is refused. What the
// checker of package procedure finds, and what this room knows beyond it (forms, letters, roles, services that do not exist), stands on
// the canvas and in a list ([Service.Findings]); a version with errors is not handed in. Handing in makes a record of open government
// information of it, whose text names the SHA-256 of the file: whoever reviews and whoever approves are others than whoever drew. Once the
// record is public, [Service.Follow] publishes the procedure under the key of the chart, and cases of the body's powers that begin from
// then on run by it ([Service.For]). Cases that run stay on their version, unless the head of the body moves them ([Service.Move]), after
// a dry run that names each case and what stands in its way.
//
// The forms of steps are JSON Schemas, made in a builder without writing any ([Service.ChangeForm]). A form that a handed-in version uses
// is frozen: changing it makes the next version of the form, so that a running case never meets another form than its chart had.
//
//	/desk/charts                   the charts of the body
//	/desk/charts/ID                versions, forms, running cases of one chart
//	/desk/charts/ID/v/N              the drawing board: canvas, properties, findings; the same as text and file
//	/desk/charts/ID/v/N/diff         what differs from the version in force
//	/desk/charts/ID/forms/NAME     the builder of a form
//	/desk/charts/ID/move           moving running cases to the version in force
package chart
