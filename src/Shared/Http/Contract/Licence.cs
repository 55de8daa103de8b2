namespace Idoven.Shared.Http.Contract;

/// <summary>What the OpenAPI and AsyncAPI documents say of the licence. The repository grants none, so all rights are reserved: a LICENSE file changes this, too.</summary>
public static class Licence
{
    public const string Name = "All rights reserved";

    /// <summary>As SPDX names what is not in its list.</summary>
    public const string Identifier = "LicenseRef-All-rights-reserved";
}
