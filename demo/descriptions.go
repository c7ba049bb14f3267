package demo

// descriptions are what people write, by category. The replayed histories have no
// texts of their own.
var descriptions = map[string][]string{
	"network": {
		"VPN drops every few minutes when working from home",
		"No Wi-Fi in meeting room 4.12",
		"Network outage on the third floor, everyone is offline",
		"Cannot reach the file server from the Leeds office",
		"Video calls freeze since this morning",
		"Guest Wi-Fi asks for a voucher that reception does not have",
		"Remote desktop is very slow over VPN",
		"Port in the lab gets no address",
	},
	"hardware": {
		"Laptop battery lasts twenty minutes",
		"Docking station does not detect the second monitor",
		"Printer on floor 2 prints blank pages",
		"Replacement keyboard needed, the space bar sticks",
		"Laptop does not start after the update",
		"Label printer in the warehouse is out, the whole office waits for shipments",
		"Headset microphone is not recognised",
		"Screen flickers when the power supply is plugged in",
	},
	"software": {
		"Excel closes when opening the budget workbook",
		"Licence for the drawing program has expired",
		"Cannot install the new time-sheet app",
		"ERP client shows a blank window after sign-in",
		"Browser add-in for the ticket system disappeared",
		"Outlook search finds nothing older than a month",
		"Please update the PDF editor, it asks for admin rights",
		"Mail outage: everyone in accounting gets no mail",
	},
	"database": {
		"Month-end report runs into a timeout",
		"Read access to the reporting database needed",
		"Sales figures differ between dashboard and export",
		"Nightly import did not finish",
		"Connection pool of the HR system is exhausted",
		"Customer record locked by a user who left",
	},
	"inquiry": {
		"How do I set an out-of-office message for a shared mailbox?",
		"Which form do I use to order a second screen?",
		"Account locked after holiday",
		"Please add me to the project distribution list",
		"New colleague starts on Monday, accounts needed",
		"Password reset link does not arrive",
		"Who approves access to the contracts folder?",
		"Can I use my own phone for the authenticator?",
	},
}
