// Package documents has the documents of reports read by others: by the HTML checker of
// the W3C, by a browser with an accessibility checker, and by readers of PDF.
package documents
