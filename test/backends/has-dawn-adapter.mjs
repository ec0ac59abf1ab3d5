// Ends with 0 where Dawn finds an adapter. A process of its own, because Dawn itself writes to the terminal what it does not find.
import {create} from 'webgpu';

process.exit((await create([]).requestAdapter()) ? 0 : 1);
