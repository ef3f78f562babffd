// A process of its own that tries one device: node probe-child.js DEVICE; prints the report as JSON. A provider that
// takes its process down must not take the doctor with it.

import type { RealDevice } from '../../models/device.js';
import { probeDevice } from '../../models/session.js';

const report = await probeDevice(process.argv[2] as RealDevice);
process.stdout.write(JSON.stringify(report));
