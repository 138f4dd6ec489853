export declare class Wheel {
  constructor(slots: number);
  add(turns: number, callback: () => void): void;
  turn(): void;
}
