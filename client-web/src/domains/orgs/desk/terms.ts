/** A term that ends within so many days is marked: six weeks are what an election needs. */
export const endsSoonDays = 42
