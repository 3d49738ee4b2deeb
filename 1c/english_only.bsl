#Region Aliases

// The same as AsXDTO: the descriptions of Connector name it so in English too.
//
// Parameters:
//   Response - see NewResponse
//   XMLReaderSettings - XMLReaderSettings, Undefined - reader settings.
//   XMLSchemaSet - XMLSchemaSet, Undefined - schemas to validate with.
//   Encoding - String, TextEncoding, Undefined - encoding; when not given, the one found is returned here.
//
// Returns:
//   XDTODataObject, XDTOList - the object read.
//
// Example:
//   Document = HTTPConnector.КакXDTO(HTTPConnector.Get("https://example.com/data.xml"));
//
Function КакXDTO(Response, XMLReaderSettings = Undefined, XMLSchemaSet = Undefined, Encoding = Undefined) Export

	Return AsXDTO(Response, XMLReaderSettings, XMLSchemaSet, Encoding);

EndFunction

#EndRegion
