namespace Idoven.Ecgs.Analysis.Synthetic;

/// <summary>
/// Represents a synthetic twelve-lead ECG with known beats, for tests and for trying the service without recordings. It is plausible, not
/// physiological: one heart, one torso, one waveform for each class of beat.
/// <para>Source: McSharry, Clifford, Tarassenko, Smith (2003), "A dynamical model for generating synthetic electrocardiogram signals", IEEE
/// Trans. Biomed. Eng. 50(3): each wave is a Gaussian, the RR intervals vary with a low and a respiratory frequency, the baseline
/// wanders with respiration. Deviations: the waves belong to a dipole that is projected on twelve leads; they are summed in time after
/// the beat instead of integrated over the phase of a limit cycle; ectopic beats are added.</para>
/// </summary>
public sealed class SyntheticEcg
{
    /// <summary>The largest absolute value of a sample in uV, as with 16 bits of 1 uV.</summary>
    public const int RailUv = 32_767;

    private const double RespiratoryFrequency = 0.25;
    private const double SlowFrequency = 0.07;
    private const ulong FirstLeadStream = 16;

    private SyntheticEcg(double samplingFrequency, IReadOnlyList<SyntheticLead> leads, IReadOnlyList<SyntheticBeat> beats) =>
        (SamplingFrequency, Leads, Beats) = (samplingFrequency, leads, beats);

    /// <summary>Gets the samples per second (Hz).</summary>
    public double SamplingFrequency { get; }

    /// <summary>Gets the leads I, II, III, aVR, aVL, aVF, V1 to V6, all of one length.</summary>
    public IReadOnlyList<SyntheticLead> Leads { get; }

    /// <summary>Gets every beat whose peak is in the recording, in order of time, even if a lead is off or noise covers it.</summary>
    public IReadOnlyList<SyntheticBeat> Beats { get; }

    /// <summary>Generates an ECG. It needs about 75 bytes of memory for each sample of one lead.</summary>
    /// <returns>The leads in uV, and their beats. The same options give the same numbers on every platform.</returns>
    /// <exception cref="ArgumentException">An option is outside its range, or the ectopic beats do not fit.</exception>
    public static SyntheticEcg Generate(SyntheticEcgOptions options)
    {
        options.Check();
        var rhythm = new Rhythm(options);
        var heart = new HeartVector(options);
        heart.Add(rhythm);

        var measured = new Dictionary<string, int[]>();
        foreach (var (index, (name, x, y, z)) in TwelveLeads.Measured.Index())
        {
            measured[name] = Measure(heart, x, y, z, new SplitMix(options.Seed, FirstLeadStream + (ulong)index), options);
        }

        int[] Samples(string name) => measured.GetValueOrDefault(name) ?? Derive(name, measured["I"], measured["II"]);
        var leads = TwelveLeads.Names.Select(name => SwitchOff(new SyntheticLead(name, Samples(name)), options));
        return new SyntheticEcg(options.SamplingFrequency, [.. leads], [.. BeatsOf(rhythm, options)]);
    }

    private static int[] Measure(HeartVector heart, double x, double y, double z, SplitMix random, SyntheticEcgOptions options)
    {
        double respiration = random.NextUniform(), slow = random.NextUniform(), line = random.NextUniform();
        var samples = new int[options.Samples];
        for (var i = 0; i < samples.Length; i++)
        {
            var seconds = i / options.SamplingFrequency;
            var uv = 1000 * ((x * heart.X[i]) + (y * heart.Y[i]) + (z * heart.Z[i]));
            if (options.BaselineWanderUv > 0)
            {
                uv += options.BaselineWanderUv * ((0.7 * PortableMath.SinOfTurns((RespiratoryFrequency * seconds) + respiration))
                    + (0.3 * PortableMath.SinOfTurns((SlowFrequency * seconds) + slow)));
            }

            if (options.PowerLineUv > 0)
            {
                uv += options.PowerLineUv * PortableMath.SinOfTurns((options.PowerLineFrequency * seconds) + line);
            }

            if (options.NoiseUv > 0)
            {
                uv += options.NoiseUv * random.NextNormal();
            }

            samples[i] = ToSample(uv);
        }

        return samples;
    }

    private static int[] Derive(string name, int[] leadI, int[] leadII)
    {
        var derivation = TwelveLeads.Derivation(name)!;
        return [.. leadI.Zip(leadII, (i, ii) => ToSample(derivation(i, ii)))];
    }

    private static SyntheticLead SwitchOff(SyntheticLead lead, SyntheticEcgOptions options)
    {
        foreach (var off in options.LeadsOff.Where(off => off.Lead is null || off.Lead == lead.Name))
        {
            var from = Math.Min(options.Samples, Math.Ceiling(off.FromSeconds * options.SamplingFrequency));
            var to = Math.Min(options.Samples, Math.Ceiling(off.ToSeconds * options.SamplingFrequency));
            lead.Samples.AsSpan((int)from..(int)to).Fill(off.LevelUv);
        }

        return lead;
    }

    private static IEnumerable<SyntheticBeat> BeatsOf(Rhythm rhythm, SyntheticEcgOptions options) =>
        from beat in rhythm.Ventricular
        let sample = Math.Round(beat.Time * options.SamplingFrequency)
        where sample >= 0 && sample < options.Samples
        orderby beat.Time
        select new SyntheticBeat(beat.Time, (int)sample, beat.Class);

    private static int ToSample(double uv) => (int)Math.Round(Math.Clamp(uv, -RailUv, RailUv));
}

/// <summary>Represents one lead of a synthetic ECG.</summary>
/// <param name="Name">The standard name.</param>
/// <param name="Samples">The samples in uV.</param>
public sealed record SyntheticLead(string Name, int[] Samples);
