// Package flowchart draws the chart of a procedure (权力运行流程图) on the server, as SVG within the page.
//
// The chart is the one that runs: shapes and edges stand where the BPMN diagram puts them, and each node may carry the state of one
// case. It works without JavaScript, prints, and carries classes only, because the content security policy forbids inline styles;
// its look is in web/styles/_chart.scss. Names of kinds and triggers are those of BPMN 2.0, so that an adapter passes them on.
//
//	@flowchart.Figure(flowchart.Chart{ID: "chart", Title: "...", Nodes: nodes, Edges: edges, Lanes: lanes})
//
// Figure shows the legend, the picture and, opened, the same as a list in words, for those who do not see the picture or prefer to
// read. Han characters are wrapped within their box by the rule that no line begins with a closing mark.
package flowchart
