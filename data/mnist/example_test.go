package mnist_test

import (
	"fmt"
	"log"

	"github.com/tapegrad/tapegrad/data/mnist"
)

// The images come with the program. The first test image is a 7; here its middle, a character for each pixel.
func Example() {
	test, err := mnist.Test()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(test.Images.Shape(), len(test.Labels), test.Labels[0])
	for y := 6; y < 27; y += 2 {
		for x := 5; x < 23; x++ {
			fmt.Print(string(".+#"[test.Images.Uint8s()[y*mnist.Side+x]/86]))
		}
		fmt.Println()
	}
	// Output:
	// (10000, 784) 10000 7
	// ..................
	// .##############+..
	// ..............##+.
	// .............##...
	// ............##....
	// ...........##.....
	// ..........##......
	// ........###.......
	// .......##+........
	// ......###.........
	// .....+##..........
}
