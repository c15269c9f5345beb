package mnist_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"log"

	"github.com/tapegrad/tapegrad/data"
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

// Images stay bytes until a batch is made of them. Without a Y the data set is one for an autoencoder; data.Labels makes one of the digits.
func ExampleSet_Limit() {
	test, err := mnist.Test()
	if err != nil {
		log.Fatal(err)
	}
	few, err := test.Limit(80)
	if err != nil {
		log.Fatal(err)
	}
	digits := &data.Dataset{X: few.Images}
	for i, batch := range digits.Batches(32, nil) {
		fmt.Println(i, batch.X.Dtype(), batch.X.Shape())
	}
	// Output:
	// 0 float32 (32, 784)
	// 1 float32 (32, 784)
	// 2 float32 (16, 784)
}

// What a person draws, dark on light and of any size, is brought into the form of the images: here a one with a thick pen.
func ExampleReadPicture() {
	sheet := image.NewGray(image.Rect(0, 0, 300, 200))
	draw.Draw(sheet, sheet.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(sheet, image.Rect(200, 40, 220, 160), image.NewUniform(color.Gray{Y: 40}), image.Point{}, draw.Src)
	var file bytes.Buffer
	if err := png.Encode(&file, sheet); err != nil {
		log.Fatal(err)
	}

	digit, err := mnist.ReadPicture(&file) // or an *os.File
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(digit.Shape(), digit.Dtype())
	for y := 2; y < mnist.Side; y += 2 {
		for x := 5; x < 23; x++ {
			fmt.Print(string(".+#"[digit.Uint8s()[y*mnist.Side+x]/86]))
		}
		fmt.Println()
	}
	// Output:
	// (1, 784) uint8
	// ..................
	// ........###.......
	// ........###.......
	// ........###.......
	// ........###.......
	// ........###.......
	// ........###.......
	// ........###.......
	// ........###.......
	// ........###.......
	// ........###.......
	// ..................
	// ..................
}
