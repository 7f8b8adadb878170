// Before journeys that run side by side: each of them would make what it does not find.
import { packagedSnapshot } from "./packaged-lab.ts";

await packagedSnapshot();
