package dev.tandem.models.layers;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Embedding;
import dev.tandem.engine.Philox;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Look-up of learnt vectors: {@code y_i = W[x_i]} for token ids x, {@code dW[x_i] += dy_i}. The row
 * of the padding index starts at 0 and gets no gradient.
 */
public final class EmbeddingLayer extends Layer {
  /** Small, so that what is learnt about a word soon outweighs what it began with. */
  private static final double DEVIATION = 0.1;

  private final int vocabulary;
  private final int dimension;
  private final int paddingIndex;

  /**
   * Makes a layer.
   *
   * @param name the layer's name
   * @param vocabulary the number of rows of W
   * @param dimension the number of its columns
   * @param paddingIndex the id that stands for nothing, or {@link Embedding#NO_PADDING}
   */
  public EmbeddingLayer(String name, int vocabulary, int dimension, int paddingIndex) {
    super(name);
    this.vocabulary = vocabulary;
    this.dimension = dimension;
    this.paddingIndex = paddingIndex;
    if (vocabulary < 1 || dimension < 1) {
      throw error("vocabulary is %d, dimension %d (give 1 or more)", vocabulary, dimension);
    }
    if (paddingIndex < Embedding.NO_PADDING || paddingIndex >= vocabulary) {
      throw error(
          "paddingIndex is %d (give an id below the vocabulary of %d)", paddingIndex, vocabulary);
    }
  }

  /** Reads a layer from an architecture file. */
  static Layer read(String name, LayerFields fields) {
    return new EmbeddingLayer(
        name,
        fields.integer("vocabulary"),
        fields.integer("dimension"),
        fields.integer("paddingIndex", Embedding.NO_PADDING));
  }

  /** Returns the number of ids. */
  public int vocabulary() {
    return vocabulary;
  }

  /** Returns the id that stands for nothing, or {@link Embedding#NO_PADDING}. */
  public int paddingIndex() {
    return paddingIndex;
  }

  /** Returns the length of a vector. */
  public int dimension() {
    return dimension;
  }

  @Override
  public String type() {
    return "embedding";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("vocabulary", vocabulary);
    settings.put("dimension", dimension);
    if (paddingIndex != Embedding.NO_PADDING) {
      settings.put("paddingIndex", paddingIndex);
    }
    return settings;
  }

  @Override
  public boolean takesSequences() {
    return true;
  }

  @Override
  public Shape outputShape(Shape input) {
    int[] extents = Arrays.copyOf(input.toArray(), input.rank() + 1);
    extents[input.rank()] = dimension;
    return Shape.of(extents);
  }

  @Override
  public void declare(Shape input, ParameterTable parameters) {
    double deviation = parameters.scheme() == Initializer.Scheme.PYTORCH ? 1 : DEVIATION;
    parameters.add(
        name() + ".weight",
        Shape.of(vocabulary, dimension),
        (values, random) -> fillRows(deviation, values, random));
  }

  private void fillRows(double deviation, double[] values, Philox random) {
    Initializer.normal(deviation).fill(values, random);
    if (paddingIndex != Embedding.NO_PADDING) {
      int from = paddingIndex * dimension;
      Arrays.fill(values, from, from + dimension, 0);
    }
  }

  @Override
  public long flops(Shape input) {
    return 0;
  }

  @Override
  public BoundLayer bind(Binding binding, Tensor x, Tensor dx) {
    if (x.type() != DataType.INT32) {
      throw error("the input is %s (token ids are int32; put the embedding first)", x.type());
    }
    Embedding embedding = binding.backend().embedding();
    Tensor w = binding.parameter(name() + ".weight");
    Tensor dw = binding.parameterGradient(name() + ".weight");
    Tensor y = binding.memory(name(), outputShape(x.shape()));
    Tensor dy = binding.gradientOf(y);
    return new BoundLayer(name(), y, dy) {
      @Override
      public void forward() {
        embedding.gather(x, w, y);
      }

      @Override
      public void backward() {
        embedding.scatterAdd(x, paddingIndex, dy, dw);
      }
    };
  }
}
