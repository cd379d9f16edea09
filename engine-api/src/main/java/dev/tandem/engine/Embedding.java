package dev.tandem.engine;

/** Table look-up: each index takes one row of a table. */
public abstract class Embedding extends OperationFamily {
  /** A padding index that no index has. */
  public static final int NO_PADDING = -1;

  /** Makes the family of a backend. */
  protected Embedding(Backend backend) {
    super(backend);
  }

  /**
   * {@code out[i] = table[indices[i]]}. An index outside the table gives a row of NaN; nothing
   * outside the tensors is touched.
   *
   * @param indices INT32 with M elements, read
   * @param table {@code [V,D]}, read
   * @param out M rows of D, overwritten
   */
  public final void gather(Tensor indices, Tensor table, Tensor out) {
    operands("embedding", indices, "table", table, "out", out);
    Checks.disjoint("embedding", "out", out, table);
    computeGather(indices, table, out);
  }

  /**
   * {@code dtable[indices[i]] += dy[i]}, in the order of i, so that equal indices add up
   * deterministically. Rows of the padding index and of indices outside the table are passed over.
   *
   * @param indices INT32 with M elements, read
   * @param paddingIndex the index whose row gets no gradient, or {@link #NO_PADDING}
   * @param dy M rows of D, read
   * @param dtable {@code [V,D]}, accumulated
   */
  public final void scatterAdd(Tensor indices, int paddingIndex, Tensor dy, Tensor dtable) {
    operands("embedding backward", indices, "dtable", dtable, "dy", dy);
    Checks.disjoint("embedding backward", "dtable", dtable, dy);
    computeScatterAdd(indices, paddingIndex, dy, dtable);
  }

  private void operands(
      String name, Tensor indices, String tableRole, Tensor table, String rowsRole, Tensor rows) {
    Checks.integer(this, name, "indices", indices);
    Checks.floating(this, name, tableRole, table);
    if (table.shape().rank() != 2) {
      throw new IllegalArgumentException(
          "%s: '%s' is %s, expected [V,D]".formatted(name, tableRole, table));
    }
    Checks.floating(
        this, name, rowsRole, rows, table, indices.elements() * table.shape().columns());
  }

  /** Computes {@link #gather} on checked operands. */
  protected abstract void computeGather(Tensor indices, Tensor table, Tensor out);

  /** Computes {@link #scatterAdd} on checked operands. */
  protected abstract void computeScatterAdd(
      Tensor indices, int paddingIndex, Tensor dy, Tensor dtable);
}
