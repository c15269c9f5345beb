// Package nn builds neural networks of layers and trains them.
//
//	net := nn.Sequential{&nn.Linear{Out: 4}, nn.Tanh{}, &nn.Linear{Out: 1}, nn.Sigmoid{}}
//	model := &nn.Model{Net: net}
//	if err := model.Compile(ops.MSE, &optim.SGD{LR: 0.9}, nn.Accuracy); err != nil { … }
//	history, err := model.Fit(ctx, points, nn.FitConfig{Epochs: 200, BatchSize: 4})
//	y, err := model.Predict(ctx, x) // from which Classes tells the classes of a classifier
//
// A [Layer] is a function of tensors with parameters, and [Sequential] is a layer too: an autoencoder is
// Sequential{encoder, decoder}, and its trained encoder is a value that one already has. Layers know the shape of one example
// only when they are built, which Fit does; their parameters get names by their place in the net, such as "0.weight".
//
// Layers apply one after the other in a [Sequential], side by side in a [Concat] or a [Sum]: a net with several inputs takes them as
// columns of one, of which [Features] gives each branch its own. [Freeze] keeps a part as it is while others learn.
//
// What [Model.Fit] trains, [Model.Evaluate] judges by the loss and by metrics such as [Accuracy] and [F1], [Model.Predict] uses, and
// [Model.Save] and [Model.Load] carry to other programs. A [Callback] watches a training, such as [EarlyStopping], [SaveBest] and
// [TensorBoard] do, and [FitConfig] says what examples count for
// and which are held out. [Checkpoint] trades time for memory.
//
// [Model.Fit] holds nothing back. With the parts it is made of one writes the loop by hand, and gets the same bits:
//
//	streams := nn.NewStreams(seed)
//	_, err := net.Build(&nn.Builder{Rand: streams.Init}, tensor.Shape{2})
//	tape := autograd.NewTape()
//	for range epochs {
//		for _, b := range points.Batches(4, streams.Shuffle) {
//			x, y := autograd.FromDense(b.X), autograd.FromDense(b.Y)
//			pred := net.Forward(nn.Pass{Tape: tape, Train: true, Rand: streams.Noise}, tape.Const(x))
//			optim.Step(sgd, tape.Backward(ops.MSE(pred, y)))
//			tape.Reset()
//		}
//	}
//
// A loss is a function of predictions and targets whose result is the mean over the batch. Nothing else divides by the size of
// the batch: gradients are those of the loss as it is. Layers may add to it, as L2 of [Linear] does: a loop written by hand collects
// that with [Penalties].
//
// Layers panic with an [*autograd.Error] when they are called wrongly, as operations do. The methods of [Model] return errors.
package nn
