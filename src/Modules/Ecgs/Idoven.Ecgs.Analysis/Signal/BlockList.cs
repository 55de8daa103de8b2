using System.Collections;

namespace Idoven.Ecgs.Analysis.Signal;

/// <summary>Represents a list that grows in blocks. Growing copies nothing, so it leaves no garbage behind.</summary>
internal sealed class BlockList<T> : IReadOnlyList<T>
{
    private const int Block = 1024;

    private readonly List<T[]> blocks = [];

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public T this[int index] => index < Count ? blocks[index / Block][index % Block] : throw new ArgumentOutOfRangeException(nameof(index));

    public void Add(T item)
    {
        if (Count == blocks.Count * Block)
        {
            blocks.Add(new T[Block]);
        }

        blocks[^1][Count++ % Block] = item;
    }

    /// <summary>Removes the items for which a condition does not hold.</summary>
    /// <param name="isKept">Called for each index in ascending order, before the item at that index is moved.</param>
    public void Keep(Func<int, bool> isKept)
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            if (isKept(i))
            {
                blocks[kept / Block][kept++ % Block] = this[i];
            }
        }

        Count = kept;
        blocks.RemoveRange((kept + Block - 1) / Block, blocks.Count - ((kept + Block - 1) / Block));
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
