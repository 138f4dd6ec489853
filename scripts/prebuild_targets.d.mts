export declare const TARGETS: Record<string, { zig: string; system: string; machine: string }>;
