namespace Idoven.Host.Contract;

/// <summary>Represents the licence that the OpenAPI and AsyncAPI documents name; its text is in the file LICENSE.</summary>
public static class Licence
{
    public const string Name = "Apache-2.0";

    /// <summary>The SPDX identifier, for OpenAPI.</summary>
    public const string Identifier = "Apache-2.0";

    /// <summary>The address of the text, for AsyncAPI, which has no member for an SPDX identifier.</summary>
    public const string Url = "https://www.apache.org/licenses/LICENSE-2.0";
}
