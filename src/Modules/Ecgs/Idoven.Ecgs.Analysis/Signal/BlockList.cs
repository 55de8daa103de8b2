using System.Collections;

namespace Idoven.Ecgs.Analysis;

/// <summary>A list that grows block by block: what it holds is never copied, so it leaves no former self behind.</summary>
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

    /// <summary>Keeps some and lets the others go.</summary>
    /// <param name="isKept">Asked of each index in order, before what stands there moves.</param>
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
