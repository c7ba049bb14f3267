// A client that others wrote, unchanged: servicenow-rest-api from npm, as e2e/package.json pins it.
// Usage: node servicenow-rest-api.mjs <e2e/package.json> <host:port>. Prints what each call gave as one JSON object.
import { createRequire } from "node:module";

const [, , manifest, instance] = process.argv;
const ServiceNow = createRequire(manifest)("servicenow-rest-api");
const log = console.log;
console.log = () => {}; // the client prints its URLs

const client = new ServiceNow(instance, "admin", "admin");
const call = (method, ...args) =>
	new Promise((resolve, reject) =>
		client[method](...args, (answer) => (answer instanceof Error ? reject(answer) : resolve(answer))),
	);

const created = await call("createNewTask", { short_description: "from npm", caller_id: "Priya Nair", urgency: "1" }, "incident");
const listed = await call("getTableData", ["number", "short_description", "urgency"], [`number=${created.number}`], "incident");
const id = await call("getSysId", "incident", created.number);
const updated = await call("UpdateTask", "incident", created.number, { short_description: "changed from npm" });
const sample = await call("getSampleData", "incident");
const files = await call("getAllAttachmentsMetaData", id);
const file = await call("getAttachment", files[0]?.sys_id ?? "none").then((f) => f.data, () => "");
const deleted = await call("DeleteTask", "incident", created.number);
log(JSON.stringify({ created, listed, id, updated, sample: sample.length, files: files.length, file, deleted: deleted.status }));
