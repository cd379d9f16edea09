package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Embedding;
import dev.tandem.engine.Tensor;

/** Table look-up. */
final class ScalarEmbedding extends Embedding {
  ScalarEmbedding(Backend backend) {
    super(backend);
  }

  @Override
  protected void computeGather(Tensor indices, Tensor table, Tensor out) {
    Indices index = Indices.of(indices);
    Values rows = Values.of(table);
    Values result = Values.of(out);
    int vocabulary = table.shape().dimension(0);
    int columns = table.shape().dimension(1);
    // out[i,j] = table[indices[i],j], NaN outside the table
    for (int i = 0; i < index.length(); i++) {
      int row = index.get(i);
      boolean inside = row >= 0 && row < vocabulary;
      for (int j = 0; j < columns; j++) {
        result.set(i * columns + j, inside ? rows.get(row * columns + j) : Double.NaN);
      }
    }
  }

  @Override
  protected void computeScatterAdd(Tensor indices, int paddingIndex, Tensor dy, Tensor dtable) {
    Indices index = Indices.of(indices);
    Values outer = Values.of(dy);
    Values rows = Values.of(dtable);
    int vocabulary = dtable.shape().dimension(0);
    int columns = dtable.shape().dimension(1);
    // dtable[indices[i],j] += dy[i,j], but not for the padding index nor outside the table
    for (int i = 0; i < index.length(); i++) {
      int row = index.get(i);
      if (row != paddingIndex && row >= 0 && row < vocabulary) {
        for (int j = 0; j < columns; j++) {
          rows.add(row * columns + j, outer.get(i * columns + j));
        }
      }
    }
  }
}
