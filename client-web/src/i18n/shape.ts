/** The same tree of messages with any words in it: what a second language must look like. */
export type Shape<Messages> = {
  [Key in keyof Messages]: Messages[Key] extends string ? string : Shape<Messages[Key]>
}
