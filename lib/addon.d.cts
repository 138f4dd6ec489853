/** The prebuilt addon of a target, or where a bundler has put it; undefined for a target that has none. */
declare function requirePrebuilt(name: string): unknown;
export = requirePrebuilt;
