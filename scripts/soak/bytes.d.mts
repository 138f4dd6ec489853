export declare const LONGEST: number;
export declare function randomOf(seed: number): () => number;
export declare class Pattern {
  constructor(seed: number);
  at(connection: number, position: number, length: number): Buffer;
  mismatch(connection: number, position: number, received: Uint8Array, length: number): number;
}
