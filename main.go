// Schoolbel is a chat bot that schools trust with their ICT: the front door.
package main

func main() {}
