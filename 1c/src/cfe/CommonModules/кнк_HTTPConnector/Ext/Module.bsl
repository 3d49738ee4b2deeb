// кнк_HTTPConnector: HTTP requests to sites and services through a native add-in.
//
// Replaces the module of the same name of the library Connector: the same functions, structures and keys; the exchange,
// TLS, proxies, compression, cookies, redirects and retries are done by the add-in that lies in one common template.
// The names of module and template stand in one place, see AddInLocation; the module may be renamed and embedded.
//
// License: MIT or Apache-2.0, at your choice.
// Platform 8.3.10 or later: server, external connection (the Russian module: ordinary thick client too).
//
// Version: 3.0.0

#Region Public

#Region HTTPMethods

// Sends a GET request.
//
// Parameters:
//   URL - String - address of the resource; http if it has no scheme.
//   RequestParameters - Structure, Map, Undefined - parameters after "?"; a value that is an array repeats the key.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   see NewResponse
//
// Example:
//   Response = кнк_HTTPConnector.Get("https://example.com/orders", New Structure("status", "new"));
//
Function Get(URL, RequestParameters = Undefined, AdditionalParameters = Undefined,
	Session = Undefined) Export

	Parameters = CallParameters(AdditionalParameters, "RequestParameters", RequestParameters);
	Return CallHTTPMethod(Session, "GET", URL, Parameters);

EndFunction

// Sends an OPTIONS request.
//
// Parameters:
//   URL - String - address of the resource.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   see NewResponse
//
// Example:
//   Response = кнк_HTTPConnector.Options("https://example.com/orders");
//
Function Options(URL, AdditionalParameters = Undefined, Session = Undefined) Export

	Return CallHTTPMethod(Session, "OPTIONS", URL, CallParameters(AdditionalParameters));

EndFunction

// Sends a HEAD request.
//
// Parameters:
//   URL - String - address of the resource.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   see NewResponse
//
// Example:
//   Size = кнк_HTTPConnector.Head("https://example.com/big.zip").Headers.Get("Content-Length");
//
Function Head(URL, AdditionalParameters = Undefined, Session = Undefined) Export

	Return CallHTTPMethod(Session, "HEAD", URL, CallParameters(AdditionalParameters));

EndFunction

// Sends a POST request.
//
// Parameters:
//   URL - String - address of the resource.
//   Data - String, BinaryData, Structure, Map, File - body: text, bytes, form fields or a file on disk.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   see NewResponse
//
// Example:
//   Response = кнк_HTTPConnector.Post("https://example.com/form", New Structure("name, role", "John", "admin"));
//
Function Post(URL, Data = Undefined, AdditionalParameters = Undefined, Session = Undefined) Export

	Return CallHTTPMethod(Session, "POST", URL, CallParameters(AdditionalParameters, "Data", Data));

EndFunction

// Sends a PUT request.
//
// Parameters:
//   URL - String - address of the resource.
//   Data - String, BinaryData, Structure, Map, File - body, as in Post.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   see NewResponse
//
// Example:
//   Response = кнк_HTTPConnector.Put("https://example.com/file.bin", FileData);
//
Function Put(URL, Data = Undefined, AdditionalParameters = Undefined, Session = Undefined) Export

	Return CallHTTPMethod(Session, "PUT", URL, CallParameters(AdditionalParameters, "Data", Data));

EndFunction

// Sends a PATCH request.
//
// Parameters:
//   URL - String - address of the resource.
//   Data - String, BinaryData, Structure, Map, File - body, as in Post.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   see NewResponse
//
// Example:
//   Response = кнк_HTTPConnector.Patch("https://example.com/orders/5", New Structure("status", "paid"));
//
Function Patch(URL, Data = Undefined, AdditionalParameters = Undefined, Session = Undefined) Export

	Return CallHTTPMethod(Session, "PATCH", URL, CallParameters(AdditionalParameters, "Data", Data));

EndFunction

// Sends a DELETE request.
//
// Parameters:
//   URL - String - address of the resource.
//   Data - String, BinaryData, Structure, Map, File - body, as in Post.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   see NewResponse
//
// Example:
//   Response = кнк_HTTPConnector.Delete("https://example.com/orders/5");
//
Function Delete(URL, Data = Undefined, AdditionalParameters = Undefined, Session = Undefined) Export

	Return CallHTTPMethod(Session, "DELETE", URL, CallParameters(AdditionalParameters, "Data", Data));

EndFunction

// Sends an MKCOL request (creates a WebDAV folder).
//
// Parameters:
//   URL - String - address of the folder.
//   Data - String, BinaryData, Structure, Map, File - body, as in Post.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   see NewResponse
//
// Example:
//   Response = кнк_HTTPConnector.Mkcol("https://cloud.example.com/dav/New folder");
//
Function Mkcol(URL, Data = Undefined, AdditionalParameters = Undefined, Session = Undefined) Export

	Return CallHTTPMethod(Session, "MKCOL", URL, CallParameters(AdditionalParameters, "Data", Data));

EndFunction

// Sends a request with any method. The method is sent as written, letter case too.
//
// Parameters:
//   Method - String - HTTP method.
//   URL - String - address of the resource.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   see NewResponse
//
// Example:
//   Response = кнк_HTTPConnector.CallMethod("PROPFIND", "https://cloud.example.com/dav/");
//
Function CallMethod(Method, URL, AdditionalParameters = Undefined, Session = Undefined) Export

	Return CallHTTPMethod(Session, Method, URL, CallParameters(AdditionalParameters));

EndFunction

#EndRegion

#Region JSONMethods

// Sends a GET request and reads the response as JSON. The status code is not checked.
//
// Parameters:
//   URL - String - address of the resource.
//   RequestParameters - Structure, Map, Undefined - parameters after "?".
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Arbitrary - the value read from JSON.
//
// Example:
//   Orders = кнк_HTTPConnector.GetJson("https://example.com/orders", New Structure("page", "1"));
//
Function GetJson(URL, RequestParameters = Undefined, AdditionalParameters = Undefined,
	Session = Undefined) Export

	Parameters = CallParameters(AdditionalParameters, "RequestParameters", RequestParameters);
	Return CallJSONMethod(Session, "GET", URL, Parameters);

EndFunction

// Sends a value as JSON in a POST request and reads the response as JSON.
//
// Parameters:
//   URL - String - address of the resource.
//   Json - Arbitrary - value for the body of the request.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Arbitrary - the value read from JSON.
//
// Example:
//   Order = кнк_HTTPConnector.PostJson("https://example.com/orders", New Structure("amount", 100.5));
//
Function PostJson(URL, Json, AdditionalParameters = Undefined, Session = Undefined) Export

	Return CallJSONMethod(Session, "POST", URL, CallParameters(AdditionalParameters, "Json", Json));

EndFunction

// Sends a value as JSON in a PUT request and reads the response as JSON.
//
// Parameters:
//   URL - String - address of the resource.
//   Json - Arbitrary - value for the body of the request.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Arbitrary - the value read from JSON.
//
// Example:
//   Order = кнк_HTTPConnector.PutJson("https://example.com/orders/5", Order);
//
Function PutJson(URL, Json, AdditionalParameters = Undefined, Session = Undefined) Export

	Return CallJSONMethod(Session, "PUT", URL, CallParameters(AdditionalParameters, "Json", Json));

EndFunction

// Sends a value as JSON in a PATCH request and reads the response as JSON.
//
// Parameters:
//   URL - String - address of the resource.
//   Json - Arbitrary - value for the body of the request.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Arbitrary - the value read from JSON.
//
// Example:
//   Order = кнк_HTTPConnector.PatchJson("https://example.com/orders/5", New Structure("status", "paid"));
//
Function PatchJson(URL, Json, AdditionalParameters = Undefined, Session = Undefined) Export

	Return CallJSONMethod(Session, "PATCH", URL, CallParameters(AdditionalParameters, "Json", Json));

EndFunction

// Sends a value as JSON in a DELETE request and reads the response as JSON.
//
// Parameters:
//   URL - String - address of the resource.
//   Json - Arbitrary - value for the body of the request.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Arbitrary - the value read from JSON.
//
// Example:
//   Result = кнк_HTTPConnector.DeleteJson("https://example.com/orders", New Structure("id", 5));
//
Function DeleteJson(URL, Json, AdditionalParameters = Undefined, Session = Undefined) Export

	Return CallJSONMethod(Session, "DELETE", URL, CallParameters(AdditionalParameters, "Json", Json));

EndFunction

#EndRegion

#Region Constructors

// Creates the structure of additional parameters with default values. A structure or a map with only the keys needed may
// be passed in its place; unknown keys are ignored.
//
// Returns:
//   Structure:
//   * Headers - Map - request headers; they win over those of the session with the same name, in any letter case.
//   * Authentication - Structure, Undefined - see NewAuthenticationBasic and the other functions NewAuthentication... (the key Authentification is accepted too)
//   * Proxy - InternetProxy, String, Structure, Boolean, Undefined - proxy of this request; False - no proxy,
//       True - settings of the system, a string - URL of the proxy, a structure - keys Server, Port, Scheme, User, Password and
//       others. Undefined - the proxy of the session, then of SSL (the subsystems library), then of the system.
//   * RequestParameters - Structure, Map, Undefined - parameters after "?".
//   * VerifySSL - Boolean, String, BinaryData, Structure, Array - False: no check; True: as in the session;
//       PEM text, a file name, PEM or DER data, or a Structure with the key "File": own root certificates;
//       an array of these and True: own ones and those of the system. OSCertificationAuthorityCertificates - same as True.
//   * ClientSSLCertificate - Structure, String, BinaryData, Undefined - keys File, Blob or PEM,
//       Key, Password, or Store (a structure with the key Thumbprint or Subject); a string is a file name.
//   * Cookies - Array, Map - cookies of this request besides those of the session.
//   * Timeout - Number - seconds, 0 - no limit.
//   * AllowRedirect - Boolean - whether to follow redirects.
//   * Json - Arbitrary - body of the request when neither Files nor Data are given.
//   * JSONConversionParameters - Structure - how to write the body and to read the response in GetJson and the like; keys:
//       ReadToMap, JSONDateFormat, PropertiesNamesWithDateValues, JSONDateWritingVariant,
//       ConvertionFunctionName, ConvertionFunctionModule, ConvertionFunctionAdditionalParameters,
//       ReviverFunctionName, ReviverFunctionModule, ReviverFunctionAdditionalParameters,
//       RetriverPropertiesNames, MaximumNesting,
//       AllowEmptyJson (True: an empty body is read as Undefined, otherwise it is an error),
//       TextWithoutCharsetAsLatin1 (True: JSON in text/* without a charset is read as iso-8859-1, as it used to be). The three names spelled Convertion... may be written Conversion... too.
//   * Data - String, BinaryData, Structure, Map, File - body, or form fields next to files.
//   * Files - Array, Structure - see NewFileToSend
//   * MaximumNumberOfRetries - Number - 0: no retries.
//   * MaximumTimeOfRetries - Number - seconds.
//   * ExponentialDelayRatio - Number - pause before retry n: ratio * 2^(n-1) seconds.
//   * ToRetryForStatusesCodes - Array, Undefined - status codes to retry for; Undefined - all from 500.
//   JSONWriterSettings may be added (Structure with the keys NewLines, PaddingSymbols, UseDoubleQuotes,
//   EscapeCharacters, EscapeAngleBrackets, EscapeLineTerminators, EscapeAmpersand,
//   EscapeSingleQuotes, EscapeSlash, or an object JSONWriterSettings), and any of the keys:
//   * SessionPriority - Boolean - True: headers, authentication and request parameters of the session win where both have them.
//   * KeepMethodOn301 - Boolean - True: POST stays POST after 301; otherwise it becomes GET.
//   * ValuesByRegionalSettings - Boolean - True: numbers, dates and booleans in request parameters and form fields
//       are written by the regional settings; otherwise as in XML (1000.5, true, 2026-01-31T00:00:00).
//   * ExceptionOnErrorCode - Boolean - True: a response with a code from 400 raises an exception, see AsException.
//   * AllowEmptyJson, TextWithoutCharsetAsLatin1 - Boolean - as in JSONConversionParameters.
//   * RetryUnsafeMethods - Boolean - False: POST and PATCH that may have been carried out are not retried.
//   * AllowRedirectToHTTP - Boolean - False: a redirect from https to http is an error.
//   * ConnectTimeout, TotalTimeout - Number - seconds.
//   * OutputFile - String - the body is written to this file as it came, no compression is asked for; Body of the response is empty.
//   * MaximumBodySize - Number - bytes in memory.
//   * TLSProvider, MinimumTLSVersion, MaximumTLSVersion, TLSServerName - String - settings of TLS.
//   * PinnedKeys, RevocationLists - Array, String - SHA-256 of the server's keys; revocation lists (PEM, files, data).
//   * AllowTruncatedTLS, DenyPrivateAddresses - Boolean - see the description of the add-in.
//   * AllowedSchemes, AllowedPorts - Array - where requests may go.
//   * AddressOverrides - Map - host or "host:port", and an address or an array of them.
//   These keys, except OutputFile, may be added to a session too, and so may JSONWriterSettings, Timeout,
//   AllowRedirect and the keys of retries. The session's value counts when the request lacks the key or has its default.
//
// Example:
//   Parameters = кнк_HTTPConnector.NewParameters();
//   Parameters.Timeout = 300;
//
Function NewParameters() Export

	Parameters = New Structure;
	Parameters.Insert("Headers", New Map);
	Parameters.Insert("Authentication", Undefined);
	Parameters.Insert("Proxy", Undefined);
	Parameters.Insert("RequestParameters", Undefined);
	Parameters.Insert("VerifySSL", True);
	Parameters.Insert("ClientSSLCertificate", Undefined);
	Parameters.Insert("Cookies", New Map);
	Parameters.Insert("Timeout", 30);
	Parameters.Insert("AllowRedirect", True);
	Parameters.Insert("Json", Undefined);
	Parameters.Insert("JSONConversionParameters", NewJSONConversionParameters());
	Parameters.Insert("Data", Undefined);
	Parameters.Insert("Files", New Array);
	Parameters.Insert("MaximumNumberOfRetries", 0);
	Parameters.Insert("MaximumTimeOfRetries", 600);
	Parameters.Insert("ExponentialDelayRatio", 1);
	Parameters.Insert("ToRetryForStatusesCodes", Undefined);
	Return Parameters;

EndFunction

// Describes a file to send as multipart/form-data.
//
// Parameters:
//   Name - String - name of the form field.
//   FileName - String - file name.
//   Data - BinaryData, String, File - content; a file on disk is sent without taking memory.
//   Type - String - content type (MIME).
//
// Returns:
//   Structure:
//   * Name - String - name of the form field.
//   * FileName - String - file name.
//   * Data - BinaryData, String, File - content.
//   * Type - String, Undefined - content type.
//   * Headers - Map - more headers of the part.
//
// Example:
//   Parameters.Files.Add(кнк_HTTPConnector.NewFileToSend("f", "scan.pdf", Data, "application/pdf"));
//
Function NewFileToSend(Name, FileName, Data = Undefined, Type = Undefined) Export

	File = New Structure;
	File.Insert("Name", Name);
	File.Insert("FileName", FileName);
	File.Insert("Data", ?(Data = Undefined, EmptyBinaryData(), Data));
	File.Insert("Type", Type);
	File.Insert("Headers", New Map);
	Return File;

EndFunction

// Creates a session: common settings, cookies and connections of several requests. Its keys may be changed between
// requests: each request is made with what they hold.
//
// Returns:
//   Structure:
//   * Headers - Map - headers of each request.
//   * Authentication - Structure, Undefined - credentials of each request.
//   * Proxy - InternetProxy, String, Structure, Boolean, Undefined - as in NewParameters.
//   * RequestParameters - Structure, Map - parameters of each request.
//   * VerifySSL - Boolean, String, BinaryData, Structure, Array - as in NewParameters.
//   * ClientSSLCertificate - Structure, String, BinaryData, Undefined - as in NewParameters.
//   * MaximumNumberOfRedirects - Number - most redirects of one request.
//   * Cookies - Map - domain - path - name - description of a cookie; updated after each request.
//   * ServiceData - Structure - inner state; created anew when it is not there.
//
// Example:
//   Session = кнк_HTTPConnector.NewSession();
//   кнк_HTTPConnector.Post("https://example.com/login", New Structure("user, password", Name, Password), , Session);
//   Orders = кнк_HTTPConnector.GetJson("https://example.com/orders", , , Session);
//
Function NewSession() Export

	Session = New Structure;
	Session.Insert("Headers", NewSessionHeaders());
	Session.Insert("Authentication", Undefined);
	Session.Insert("Proxy", Undefined);
	Session.Insert("RequestParameters", New Map);
	Session.Insert("VerifySSL", True);
	Session.Insert("ClientSSLCertificate", Undefined);
	Session.Insert("MaximumNumberOfRedirects", 30);
	Session.Insert("Cookies", New Map);
	Session.Insert("ServiceData", NewServiceData());
	Return Session;

EndFunction

// Creates a response with default values, for instance as a mock in tests.
//
// Returns:
//   Structure:
//   * Method - String - method of the last request, after redirects.
//   * URL - String - final address.
//   * StatusCode - Number - status code.
//   * Headers - Map - headers of the response as received; repeated ones are joined with ", ".
//   * Body - BinaryData - body as received, a compressed one stays compressed; read it with the functions As...
//   * Encoding - String, Undefined - encoding by the header Content-Type.
//   * ExecutionTime - Number - milliseconds of the last hop with its retries.
//   * IsPermanentRedirect - Boolean - the code is 301 or 308, and there is Location.
//   * IsRedirect - Boolean - the code is 301, 302, 303, 307 or 308, and there is Location.
//   * Cookies - Map - cookies of the last response: domain - path - name - description.
//   * Errors - Array of String - errors that retries overcame.
//
// Example:
//   Response = кнк_HTTPConnector.NewResponse();
//   Response.Body = GetBinaryDataFromString("{}");
//
Function NewResponse() Export

	Response = New Structure;
	Response.Insert("Method", "GET");
	Response.Insert("URL", "");
	Response.Insert("StatusCode", 600);
	Response.Insert("Headers", New Map);
	Response.Insert("Body", EmptyBinaryData());
	Response.Insert("Encoding", "utf-8");
	Response.Insert("ExecutionTime", Undefined);
	Response.Insert("IsPermanentRedirect", False);
	Response.Insert("IsRedirect", False);
	Response.Insert("Cookies", New Map);
	Response.Insert("Errors", New Array);
	Return Response;

EndFunction

// Authentication as the current user of the operating system (NTLM or Negotiate).
//
// Returns:
//   Structure:
//   * UseOSAuthentication - Boolean - True.
//
// Example:
//   Parameters.Authentication = кнк_HTTPConnector.NewAuthenticationOS();
//
Function NewAuthenticationOS() Export

	Return New Structure("UseOSAuthentication", True);

EndFunction

// Basic authentication.
//
// Parameters:
//   User - String - user name.
//   Password - String - password.
//
// Returns:
//   Structure:
//   * Type - String - "Basic".
//   * User - String - user name.
//   * Password - String - password.
//
// Example:
//   Parameters.Authentication = кнк_HTTPConnector.NewAuthenticationBasic("user", Password);
//
Function NewAuthenticationBasic(User = "", Password = "") Export

	Return New Structure("Type, User, Password", "Basic", User, Password);

EndFunction

// Digest authentication.
//
// Parameters:
//   User - String - user name.
//   Password - String - password.
//
// Returns:
//   Structure:
//   * Type - String - "Digest".
//   * User - String - user name.
//   * Password - String - password.
//
// Example:
//   Session.Authentication = кнк_HTTPConnector.NewAuthenticationDigest("user", Password);
//
Function NewAuthenticationDigest(User = "", Password = "") Export

	Return New Structure("Type, User, Password", "Digest", User, Password);

EndFunction

// Bearer authentication.
//
// Parameters:
//   Token - String - token; an empty one sends no header.
//
// Returns:
//   Structure:
//   * Type - String - "Bearer".
//   * Token - String - token.
//
// Example:
//   Parameters.Authentication = кнк_HTTPConnector.NewAuthenticationBearer(Token);
//
Function NewAuthenticationBearer(Token = "") Export

	Return New Structure("Type, Token", "Bearer", Token);

EndFunction

// Signature of requests AWS4-HMAC-SHA256. The keys SessionToken and Payload may be added to the structure.
//
// Parameters:
//   AccessKey - String - identifier of the access key.
//   SecretKey - String - secret key.
//   Service - String - name of the service, for instance s3.
//   Region - String - region.
//
// Returns:
//   Structure:
//   * Type - String - "AWS4-HMAC-SHA256".
//   * AccessKeyID - String - identifier of the access key.
//   * SecretKey - String - secret key.
//   * Service - String - name of the service.
//   * Region - String - region.
//
// Example:
//   Parameters.Authentication = кнк_HTTPConnector.NewAuthenticationAWS4(Key, Secret, "s3", "ru-1");
//
Function NewAuthenticationAWS4(AccessKey = "", SecretKey = "", Service = "", Region = "") Export

	Authentication = New Structure("Type", "AWS4-HMAC-SHA256");
	Authentication.Insert("AccessKeyID", AccessKey);
	Authentication.Insert("SecretKey", SecretKey);
	Authentication.Insert("Service", Service);
	Authentication.Insert("Region", Region);
	Return Authentication;

EndFunction

// OAuth 2.0 authentication by client credentials: the token is asked for, kept in the session and renewed by itself.
// The keys Parameters (Structure of more fields) and InBody (Boolean) may be added to the structure.
//
// Parameters:
//   TokenURL - String - URL that issues tokens.
//   ClientID - String - identifier of the client.
//   ClientSecret - String - secret of the client.
//   Scope - String - requested scope.
//
// Returns:
//   Structure:
//   * Type - String - "OAuth2".
//   * TokenURL - String - URL that issues tokens.
//   * ClientID - String - identifier of the client.
//   * ClientSecret - String - secret of the client.
//   * Scope - String - requested scope.
//
// Example:
//   Session.Authentication = кнк_HTTPConnector.NewAuthenticationOAuth2("https://id.example.com/token", Client, Secret);
//
Function NewAuthenticationOAuth2(TokenURL = "", ClientID = "", ClientSecret = "",
	Scope = "") Export

	Authentication = New Structure("Type", "OAuth2");
	Authentication.Insert("TokenURL", TokenURL);
	Authentication.Insert("ClientID", ClientID);
	Authentication.Insert("ClientSecret", ClientSecret);
	Authentication.Insert("Scope", Scope);
	Return Authentication;

EndFunction

#EndRegion

#Region ReadingResponse

// Reads the body of a response as JSON.
//
// Parameters:
//   Response - see NewResponse
//   JSONConversionParameters - Structure, Undefined - the keys are described in NewParameters.
//
// Returns:
//   Arbitrary - the value read; JSON objects are a Map or a Structure.
//
// Example:
//   Data = кнк_HTTPConnector.AsJson(кнк_HTTPConnector.Get("https://example.com/orders"));
//
Function AsJson(Response, JSONConversionParameters = Undefined) Export

	Conversion = CompletedJSONConversion(JSONConversionParameters);
	Try
		Body = UnpackedBody(Response);
		If Conversion.AllowEmptyJson And Body.Size() = 0 Then
			Return Undefined;
		EndIf;
		Return JsonToObject(Body, JSONEncoding(Response, Conversion), Conversion);
	Except
		Reason = BriefErrorDescription(ErrorInfo());
	EndTry;
	Explanation = StrTemplate(NStr("ru = 'Ошибка при чтении JSON: %1'; en = 'Error while reading JSON: %1'"), Reason);
	Raise AsException(Response, Explanation);

EndFunction

// Reads the body of a response as text.
//
// gzip is undone. An empty body is an empty string. Line breaks CR+LF become LF, a CR alone stays. A byte order
// mark is removed when it is that of the encoding; it does not decide the encoding, but for the byte order of utf-16.
// Encoding: the one given here, else Response.Encoding (iso-8859-1 for text/* without charset: it reads the bytes 00-FF), else
// utf-8. Names are those of TextReader: utf-8, utf-16, windows-1251, koi8-r, cp866, iso-8859-1 and others, in any letter case.
// TextEncoding.UTF8 and UTF16 are the same everywhere; ANSI and OEM are encodings of the computer that runs the call (in Russian
// Windows windows-1251 and cp866, in Linux as its locale says), System is what this platform writes by default: not for exchange.
// Bytes the encoding does not have become the replacement character; an unknown name of an encoding is an exception.
//
// Parameters:
//   Response - see NewResponse
//   Encoding - String, TextEncoding, Undefined - encoding of the text; when not given, the one found is returned here.
//
// Returns:
//   String - text.
//
// Example:
//   Text = кнк_HTTPConnector.AsText(Response, "windows-1251");
//
Function AsText(Response, Encoding = Undefined) Export

	DetermineEncoding(Response, Encoding);
	Body = UnpackedBody(Response);
	If Body.Size() = 0 Then
		Return "";
	EndIf;
	Reader = New TextReader(Body.OpenStreamForRead(), EncodingOrUTF8(Encoding));
	Text = Reader.Read();
	Reader.Close();
	Return ?(Text = Undefined, "", Text);

EndFunction

// Returns the body of a response without gzip compression.
//
// Parameters:
//   Response - see NewResponse
//
// Returns:
//   BinaryData - the uncompressed body.
//
// Example:
//   кнк_HTTPConnector.AsBinaryData(кнк_HTTPConnector.Get("https://example.com/logo.png")).Write(FileName);
//
Function AsBinaryData(Response) Export

	Return UnpackedBody(Response);

EndFunction

// Reads the body of a response as an XDTO object. (КакXDTO does the same.)
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
//   Document = кнк_HTTPConnector.AsXDTO(кнк_HTTPConnector.Get("https://example.com/data.xml"));
//
Function AsXDTO(Response, XMLReaderSettings = Undefined, XMLSchemaSet = Undefined, Encoding = Undefined) Export

	DetermineEncoding(Response, Encoding);
	Try
		Reader = New XMLReader;
		Reader.OpenStream(UnpackedBody(Response).OpenStreamForRead(), XMLReaderSettings, XMLSchemaSet, Encoding);
		XDTODataObject = XDTOFactory.ReadXML(Reader);
		Reader.Close();
		Return XDTODataObject;
	Except
		Reason = BriefErrorDescription(ErrorInfo());
	EndTry;
	Explanation = StrTemplate(NStr("ru = 'Ошибка при чтении XDTO: %1'; en = 'Error while reading XDTO: %1'"), Reason);
	Raise AsException(Response, Explanation);

EndFunction

// Makes the text of an exception of a response: method, URL, status code, body (a long one is cut) and errors.
//
// Parameters:
//   Response - see NewResponse
//   TextForUser - String, Undefined - first line of the text.
//
// Returns:
//   String - text for Raise.
//
// Example:
//   If Response.StatusCode >= 400 Then
//       Raise кнк_HTTPConnector.AsException(Response, "The order was not sent");
//   EndIf;
//
Function AsException(Response, Val TextForUser = Undefined) Export

	Method = ValueOfKey(Response, "Method", "");
	URL = URLWithoutPassword(ValueOfKey(Response, "URL", ""));
	Lines = New Array;
	If ValueIsFilled(TextForUser) Then
		Lines.Add(TextForUser);
		Lines.Add("");
	EndIf;
	Lines.Add(StrTemplate("HTTP %1 %2", Method, URL));
	StatusCode = ValueOfKey(Response, "StatusCode");
	If StatusCode <> Undefined Then
		Lines.Add(HTTPStatusCodePresentation(StatusCode));
	EndIf;
	BodyText = BodyTextForException(Response);
	If Not IsBlankString(BodyText) Then
		Lines.Add(NStr("ru = 'Тело ответа:'; en = 'Response body:'"));
		Lines.Add(BodyText);
	EndIf;
	For Each Error In ValueOfKey(Response, "Errors", New Array) Do
		Lines.Add("");
		Lines.Add(Error);
	EndDo;
	Return StrConcat(Lines, Chars.LF);

EndFunction

#EndRegion

#Region Utilities

// Takes a URL apart.
//
// Parameters:
//   URL - String - address.
//
// Returns:
//   Structure:
//   * Scheme - String - http or https.
//   * Authentication - Structure - keys User and Password.
//   * Host - String - host; IPv6 in square brackets.
//   * Port - Number - 0 when not given.
//   * Path - String - path as written.
//   * RequestParameters - Map - key and a string, Undefined (no "=") or an array (repeated).
//   * Fragment - String - the part after "#".
//
// Example:
//   Port = кнк_HTTPConnector.ParseURL("https://example.com:8443/path?key=value").Port;
//
Function ParseURL(Val URL) Export

	Parts = ReadJSONText(NewAddInObject("HTTPConnector").ParseURL(URL));
	Credentials = Parts.Get("Authentication");
	Authentication = New Structure("User, Password");
	Authentication.User = Credentials.Get("User");
	Authentication.Password = Credentials.Get("Password");
	Result = New Structure;
	Result.Insert("Scheme", Parts.Get("Scheme"));
	Result.Insert("Authentication", Authentication);
	For Each Key In StrSplit("Host,Port,Path,RequestParameters,Fragment", ",") Do
		Result.Insert(Key, Parts.Get(Key));
	EndDo;
	Return Result;

EndFunction

// Writes a value as JSON.
//
// Parameters:
//   Object - Arbitrary - a value WriteJSON takes.
//   ConversionParameters - Structure, Undefined - the keys are described in NewParameters (JSONConversionParameters).
//   WriterSettings - Structure, JSONWriterSettings, Undefined - the keys are described in NewParameters.
//
// Returns:
//   String - JSON text.
//
// Example:
//   Text = кнк_HTTPConnector.ObjectToJson(New Structure("amount", 100.5));
//
Function ObjectToJson(Object, Val ConversionParameters = Undefined, Val WriterSettings = Undefined) Export

	Conversion = CompletedJSONConversion(ConversionParameters);
	Settings = New JSONSerializerSettings;
	Settings.DateSerializationFormat = Conversion.JSONDateFormat;
	Settings.DateWritingVariant = Conversion.JSONDateWritingVariant;
	Writer = New JSONWriter;
	Writer.SetString(TextWriterSettings(WriterSettings));
	If ValueIsFilled(Conversion.ConvertionFunctionName)
		And Conversion.ConvertionFunctionModule <> Undefined Then
		WriteJSON(Writer, Object, Settings, Conversion.ConvertionFunctionName,
			Conversion.ConvertionFunctionModule, Conversion.ConvertionFunctionAdditionalParameters);
	Else
		WriteJSON(Writer, Object, Settings);
	EndIf;
	Return Writer.Close();

EndFunction

// Reads a value from JSON.
//
// Parameters:
//   Json - String, BinaryData, Stream - JSON text.
//   Encoding - String, TextEncoding - encoding of data and streams.
//   ConversionParameters - Structure, Undefined - the keys are described in NewParameters (JSONConversionParameters).
//
// Returns:
//   Arbitrary - the value read.
//
// Example:
//   Data = кнк_HTTPConnector.JsonToObject("{""amount"": 100.5}");
//
Function JsonToObject(Json, Encoding = "utf-8", ConversionParameters = Undefined) Export

	Conversion = CompletedJSONConversion(ConversionParameters);
	Reader = New JSONReader;
	If TypeOf(Json) = Type("String") Then
		Reader.SetString(Json);
	ElsIf TypeOf(Json) = Type("BinaryData") Then
		Reader.OpenStream(Json.OpenStreamForRead(), EncodingOrUTF8(Encoding));
	Else
		Reader.OpenStream(Json, EncodingOrUTF8(Encoding));
	EndIf;
	Object = ReadJSONValue(Reader, Conversion);
	Reader.Close();
	Return Object;

EndFunction

// Computes HMAC (RFC 2104). The first parameter is named Key_ as before.
//
// Parameters:
//   Key_ - BinaryData - key.
//   Data - BinaryData - data.
//   Algorithm - HashFunction - MD5, SHA1, SHA256 or SHA512.
//
// Returns:
//   BinaryData - the code.
//
// Example:
//   Signature = кнк_HTTPConnector.HMAC(Key_, Data, HashFunction.SHA256);
//
Function HMAC(Key_, Data, Algorithm) Export

	AlgorithmName = StrReplace(Upper(String(Algorithm)), "-", "");
	Return NewAddInObject("HTTPConnector").HMAC(Key_, Data, AlgorithmName);

EndFunction

// Returns the HTTP status codes by name.
//
// Returns:
//   Structure - names like OK_200 and numbers.
//
// Example:
//   If Response.StatusCode = кнк_HTTPConnector.HTTPStatusCodes().NotFound_404 Then
//
Function HTTPStatusCodes() Export

	Codes = New Structure(StatusCodesNames());
	For Each Code In New FixedStructure(Codes) Do
		Codes[Code.Key] = Number(Right(Code.Key, 3));
	EndDo;
	Return Codes;

EndFunction

// Returns a status code with its reason.
//
// Parameters:
//   StatusCode - Number - HTTP status code.
//
// Returns:
//   String - for instance "404: Not Found".
//
// Example:
//   Message(кнк_HTTPConnector.HTTPStatusCodePresentation(Response.StatusCode));
//
Function HTTPStatusCodePresentation(StatusCode) Export

	Texts = StatusCodesTexts();
	Start = XMLString(StatusCode) + ": ";
	Position = StrFind(Texts, ";" + Start);
	If Position = 0 Then
		Return Start + NStr("ru = 'Неизвестный код состояния HTTP'; en = 'Unknown HTTP status code'");
	EndIf;
	EndPosition = StrFind(Texts, ";", , Position + 1);
	Return Mid(Texts, Position + 1, EndPosition - Position - 1);

EndFunction

// Unpacks gzip.
//
// Parameters:
//   CompressedData - BinaryData - gzip data.
//
// Returns:
//   BinaryData - unpacked data.
//
// Example:
//   Data = кнк_HTTPConnector.ReadGZip(New BinaryData("/tmp/data.gz"));
//
Function ReadGZip(CompressedData) Export

	Return BinaryDataOrEmpty(NewAddInObject("HTTPConnector").ReadGZip(CompressedData));

EndFunction

// Packs as gzip.
//
// Parameters:
//   Data - BinaryData - data.
//
// Returns:
//   BinaryData - gzip data.
//
// Example:
//   кнк_HTTPConnector.WriteGZip(Data).Write("/tmp/data.gz");
//
Function WriteGZip(Data) Export

	Return NewAddInObject("HTTPConnector").WriteGZip(Data);

EndFunction

// Says what the module works with and how: for support, and to check an installation.
//
// Returns:
//   Structure:
//   * ModuleVersion - String - version of this module.
//   * AddInVersion - String - version of the add-in; empty when it cannot be attached.
//   * Error - String - why the add-in cannot be attached; empty when it is.
//   * Location - String - where the add-in is attached from.
//   * SymbolicName - String - under which name.
//   * Library - String - file the library is loaded from.
//   * OperatingSystem, Architecture - String - what it is built for, for instance "linux" and "x86_64".
//   * Isolated - Boolean, Undefined - whether in a process of its own; Undefined: a platform before 8.3.21 does not tell.
//   * Application - String - what has loaded the library, for instance "Server"; empty when the platform does not tell.
//   * Language - String - language of the add-in's messages, "ru" or "en".
//   * PlatformVersion - String - version of 1C:Enterprise.
//   * PlatformType - String - operating system and architecture.
//   * SafeMode - Boolean, String - safe mode, or the name of the security profile.
//   * TLSProviders - Structure - values of the key TLSProvider and the library of each.
//   * RootCertificates - String - where the root certificates come from when none are given, and how many there are.
//   * Proxy - Structure - keys http and https: the proxy requests go through when none is given, and who named it.
//
// Example:
//   Message(кнк_HTTPConnector.ObjectToJson(кнк_HTTPConnector.Diagnostics()));
//
Function Diagnostics() Export

	Details = New Structure("ModuleVersion, AddInVersion, Error", ModuleVersion(), "", "");
	Told = New Map;
	Try
		Told = ReadJSONText(NewAddInObject("HTTPConnector").DiagnosticsJSON);
		Details.AddInVersion = Told.Get("Version");
	Except
		Details.Error = BriefErrorDescription(ErrorInfo());
	EndTry;
	Placement = AddInLocation();
	Details.Insert("Location", Placement.Location);
	Details.Insert("SymbolicName", Placement.SymbolicName);
	For Each Key In StrSplit("Library,OperatingSystem,Architecture", ",") Do
		Details.Insert(Key, ValueOfKey(Told, Key, ""));
	EndDo;
	Attached = ValueOfKey(Told, "Attached", "");
	Details.Insert("Isolated", ?(Attached = "", Undefined, Attached = "Isolated"));
	Details.Insert("Application", ValueOfKey(Told, "Application", ""));
	Details.Insert("Language", ValueOfKey(Told, "Language", ""));
	Details.Insert("PlatformVersion", PlatformVersion());
	Details.Insert("PlatformType", PlatformTypeAsString());
	Details.Insert("SafeMode", CurrentSafeMode());
	Details.Insert("TLSProviders", StructureOf(ValueOfKey(Told, "TLSProviders")));
	Details.Insert("RootCertificates", ValueOfKey(Told, "RootCertificates", ""));
	Details.Insert("Proxy", StructureOf(ValueOfKey(Told, "Proxy")));
	CompleteWithSSLProxy(Details.Proxy);
	Return Details;

EndFunction

#EndRegion

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
//   Document = кнк_HTTPConnector.КакXDTO(кнк_HTTPConnector.Get("https://example.com/data.xml"));
//
Function КакXDTO(Response, XMLReaderSettings = Undefined, XMLSchemaSet = Undefined, Encoding = Undefined) Export

	Return AsXDTO(Response, XMLReaderSettings, XMLSchemaSet, Encoding);

EndFunction

#EndRegion

#EndRegion

#Region Internal

// Prepares a request without sending it.
//
// Parameters:
//   Session - see NewSession
//   Method - String - HTTP method.
//   URL - String - address of the resource.
//   AdditionalParameters - see NewParameters
//
// Returns:
//   Structure:
//   * Cookies - Map - cookies of session and request: domain - path - name - description.
//   * Authentication - Structure - credentials of session and request.
//   * Method - String - HTTP method.
//   * Headers - Map - all headers of the request with the signature and Cookie.
//   * RequestParameters - Structure, Map - parameters of session and request, without those of the URL.
//   * URL - String - full address.
//   * JSONConversionParameters - Structure - JSON conversion.
//   * HTTPRequest - HTTPRequest - request of the platform with address, headers and body: text in UTF-8, bytes, a form, a file name;
//       with Content-Encoding: gzip compressed. With the key Files there is no body: the add-in makes multipart when sending.
//   * ResponseEvents - Array of String - handlers of the response; for Digest - "Code401_ResponseHandler".
//
// Example:
//   Signature = кнк_HTTPConnector.PrepareRequest(Session, "GET", URL, New Structure).Headers["Authorization"];
//
Function PrepareRequest(Session, Method, URL, AdditionalParameters) Export

	Parameters = CallParameters(AdditionalParameters);
	ConsiderSession(Session, Parameters);
	Call = NewCall(Session, URL, Parameters);
	Connection = ReadyConnection(Session);
	Try
		PassAttachments(Connection, Call);
		Summary = ReadJSONText(Connection.PrepareRequest(Method, URL, Call.Body, JSONText(Call.Settings)));
		Connection.ClearBlobs();
	Except
		Raise ConnectionErrorText(Session, Connection, ErrorInfo());
	EndTry;

	Request = New Structure;
	Request.Insert("Cookies", MergedCookies(Session, Parameters, URL));
	Request.Insert("Authentication", Call.Authentication);
	Request.Insert("Method", Method);
	Request.Insert("Headers", HeadersFromSummary(Summary.Get("headers")));
	Request.Insert("RequestParameters", Call.RequestParameters);
	Request.Insert("URL", Summary.Get("url"));
	Request.Insert("JSONConversionParameters", Parameters.JSONConversionParameters);
	Request.Insert("HTTPRequest", PlatformRequest(Request, Call));
	Request.Insert("ResponseEvents", New Array);
	If Lower(ValueOfKey(Call.Authentication, "Type", "")) = "digest" Then
		Request.ResponseEvents.Add("Code401_ResponseHandler");
	EndIf;
	Return Request;

EndFunction

// Ready conversion function for WriteJSON: UUID as a string, binary data as Base64.
//
// Parameters:
//   Property - String - name of the property; not used.
//   Value - Arbitrary - the value.
//   AdditionalParameters - Arbitrary - not used.
//   Cancel - Boolean - not used.
//
// Returns:
//   Arbitrary - the value to write.
//
// Example:
//   Conversion.ConvertionFunctionName = "JsonConversion";
//   Conversion.ConvertionFunctionModule = кнк_HTTPConnector;
//
Function JsonConversion(Property, Value, AdditionalParameters, Cancel) Export

	If TypeOf(Value) = Type("UUID") Then
		Return String(Value);
	ElsIf TypeOf(Value) = Type("BinaryData") Then
		Return Base64String(Value);
	EndIf;
	Return Value;

EndFunction

// Ready reviver for ReadJSON: UUID and binary data by the types of properties.
//
// Parameters:
//   Property - String - name of the property.
//   Value - Arbitrary - the value read.
//   PropertiesTypes - Map of KeyAndValue - name of a property and its Type.
//
// Returns:
//   Arbitrary - the revived value.
//
// Example:
//   Conversion.ReviverFunctionName = "RestoreJson";
//   Conversion.ReviverFunctionModule = кнк_HTTPConnector;
//
Function RestoreJson(Property, Value, PropertiesTypes) Export

	PropertyType = PropertiesTypes.Get(Property);
	If PropertyType = Type("UUID") Then
		Return New UUID(Value);
	ElsIf PropertyType = Type("BinaryData") Then
		Return Base64Value(Value);
	EndIf;
	Return Value;

EndFunction

// Converts a string to a number.
//
// Parameters:
//   String - String - a number in writing.
//
// Returns:
//   Number - 0 when it is not a number.
//
// Example:
//   Size = кнк_HTTPConnector.NumberFromString(Response.Headers.Get("Content-Length"));
//
Function NumberFromString(Val String) Export

	TypeDefinition = New TypeDescription("Number");
	Return TypeDefinition.AdjustValue(String);

EndFunction

// Converts a string like yyyyMMddHHmmss to a date.
//
// Parameters:
//   String - String - a date in writing.
//
// Returns:
//   Date - the empty date when it is not a date.
//
// Example:
//   Date = кнк_HTTPConnector.DateFromString("20260131102030");
//
Function DateFromString(Val String) Export

	TypeDefinition = New TypeDescription("Date");
	Return TypeDefinition.AdjustValue(String);

EndFunction

// Reads the date of an HTTP header (RFC 7231, section 7.1.1.1) in any of three forms, and that of a cookie with a year of two digits.
//
// Parameters:
//   String - String - for instance "Sun, 06 Nov 1994 08:49:37 GMT".
//
// Returns:
//   Date - in UTC; the empty date when it is not a date.
//
// Example:
//   Modified = кнк_HTTPConnector.DateFromStringRFC7231(Response.Headers.Get("Last-Modified"));
//
Function DateFromStringRFC7231(Val String) Export

	For Each Separator In StrSplit("/|\|-|,|:|.", "|") Do
		String = StrReplace(String, Separator, " ");
	EndDo;
	Parts = StrSplit(String, " ", False);
	If Parts.Count() < 7 Then
		Return Date(1, 1, 1);
	EndIf;
	Months = " JanFebMarAprMayJunJulAugSepOctNovDec";
	If StrFind(Months, Parts[1]) > 1 And StrLen(Parts[1]) = 3 Then
		// asctime: Sun Nov 6 08:49:37 1994
		Sequence = StrSplit("6,1,2,3,4,5", ",");
	Else
		Sequence = StrSplit("3,2,1,4,5,6", ",");
	EndIf;
	YearText = Parts[Number(Sequence[0])];
	If StrLen(YearText) = 2 Then
		// RFC 6265, section 5.1.1
		YearText = ?(NumberFromString(YearText) < 70, "20", "19") + YearText;
	EndIf;
	Offset = StrFind(Months, Parts[Number(Sequence[1])]);
	If Offset < 2 Or (Offset - 2) % 3 <> 0 Then
		Return Date(1, 1, 1);
	EndIf;
	Text = YearText + TwoDigits(XMLString((Offset - 2) / 3 + 1));
	For Index = 2 To 5 Do
		Text = Text + TwoDigits(Parts[Number(Sequence[Index])]);
	EndDo;
	Return DateFromString(Text);

EndFunction

#EndRegion

#Region Private

#Region AddIn

// The only place that names the template and the add-in. When embedding under another name (in another configuration,
// an extension, an external data processor, the SSL catalog of add-ins) change the location here and give the add-in a
// symbolic name of its own: two copies with one name in one process attach one and the same library.
//
// Returns:
//   Structure:
//   * Location - String - a template ("CommonTemplate.Name", "DataProcessor.Name.Template.Name"), the name of a file on the server, or an address
//       in the temporary storage.
//   * SymbolicName - String - identifier the add-in is attached under.
//   * Isolated - Boolean - whether to attach in a process of its own (platform 8.3.21 and later); each body is then
//       copied once more, between the processes.
//
Function AddInLocation()

	Placement = New Structure;
	Placement.Insert("Location", "CommonTemplate.кнк_HTTPConnectorAddIn");
	Placement.Insert("SymbolicName", "ConnectorHTTPNativeExt");
	Placement.Insert("Isolated", False);
	Return Placement;

EndFunction

// The result must not be kept between server calls: the next one may come to another process.
Function NewAddInObject(ClassName)

	Placement = AddInLocation();
	TypeName = StrTemplate("AddIn.%1.%2", Placement.SymbolicName, ClassName);
	Try
		Return New(TypeName);
	Except
		// The add-in is not attached in this process yet.
		PlatformRefusal = "";
	EndTry;
	Try
		Attached = AttachComponent(Placement);
	Except
		// Sometimes, in safe mode for one, the platform does not return False but raises.
		Attached = False;
		PlatformRefusal = BriefErrorDescription(ErrorInfo());
	EndTry;
	If Not Attached Then
		Raise ReasonOfFailedAttach(Placement, PlatformRefusal);
	EndIf;
	Return New(TypeName);

EndFunction

Function AttachComponent(Placement)

	Attached = False;
	#If Not MobileAppServer Then
	If PlatformVersionIsAtLeast("8.3.21") Then
		// Old platforms do not compile such a call.
		ConnectionType = ?(Placement.Isolated, "Isolated", "NotIsolated");
		Execute("Attached = AttachAddIn(Placement.Location, Placement.SymbolicName,
			|AddInType.Native, AddInConnectionType." + ConnectionType + ")");
		Return Attached;
	EndIf;
	#EndIf
	Attached = AttachAddIn(Placement.Location, Placement.SymbolicName,
		AddInType.Native);
	Return Attached;

EndFunction

// The platform mostly reports the refusal by False alone; here is found out what can be.
Function ReasonOfFailedAttach(Placement, PlatformRefusal)

	Reasons = New Array;
	Parts = StrSplit(Placement.Location, ".");
	If Parts[0] = "ОбщийМакет" Or Parts[0] = "CommonTemplate" Then
		If Metadata.CommonTemplates.Find(Parts[1]) = Undefined Then
			Reasons.Add(StrTemplate(NStr("ru = 'В конфигурации нет общего макета %1: добавьте его (тип «Внешняя компонента») и загрузите в него архив компоненты.'; en = 'The configuration has no common template %1: add it (type «Add-in») and load the archive of the component into it.'"), Parts[1]));
		EndIf;
	ElsIf StrStartsWith(Placement.Location, "/") Or Mid(Placement.Location, 2, 1) = ":" Then
		AddInFile = New File(Placement.Location);
		If Not AddInFile.Exist() Then
			Reasons.Add(NStr("ru = 'Файла компоненты нет на этом компьютере или он недоступен пользователю, от имени которого работает 1С.'; en = 'The file of the component is not on this computer or not readable for the user 1C runs as.'"));
		EndIf;
	EndIf;
	Mode = CurrentSafeMode();
	If Mode <> False Then
		Reasons.Add(StrTemplate(NStr("ru = 'Включён безопасный режим (%1): разрешите внешнюю компоненту в профиле безопасности или выполняйте запрос вне безопасного режима.'; en = 'Safe mode is on (%1): allow the add-in in the security profile or send the request outside of safe mode.'"), Mode));
	EndIf;
	If Not PlatformVersionIsAtLeast("8.3.10") Then
		Reasons.Add(NStr("ru = 'Нужна платформа 8.3.10 или новее.'; en = 'Platform 8.3.10 or later is needed.'"));
	EndIf;
	If Not IsBlankString(PlatformRefusal) Then
		Reasons.Add(PlatformRefusal);
	EndIf;
	If Reasons.Count() = 0 Then
		Reasons.Add(NStr("ru = 'Проверьте, что в архиве есть библиотека для этой системы и архитектуры и что системе разрешено загружать её: каталог временных файлов без noexec, нет запрета замкнутой программной среды или AppLocker.'; en = 'Check that the archive has a library for this system and architecture and that the system may load it: no noexec on the folder of temporary files, no closed software environment or AppLocker rule against it.'"));
	EndIf;
	Text = StrTemplate(NStr("ru = 'Внешняя компонента HTTP не подключена (%1, имя %2; платформа %3, %4).'; en = 'The HTTP add-in is not attached (%1, name %2; platform %3, %4).'"),
		Placement.Location, Placement.SymbolicName, PlatformVersion(), PlatformTypeAsString());
	Reasons.Insert(0, Text);
	Return StrConcat(Reasons, Chars.LF);

EndFunction

// The mobile platform has no safe mode.
Function CurrentSafeMode()

	Mode = False;
	#If Not MobileAppServer Then
	Mode = SafeMode();
	#EndIf
	Return Mode;

EndFunction

Function ModuleVersion()

	Return "3.0.0";

EndFunction

Function PlatformVersion()

	SystemInfo = New SystemInfo;
	Return SystemInfo.AppVersion;

EndFunction

Function PlatformTypeAsString()

	SystemInfo = New SystemInfo;
	Return String(SystemInfo.PlatformType);

EndFunction

Function PlatformVersionIsAtLeast(Version)

	Current = StrSplit(PlatformVersion(), ".");
	Required = StrSplit(Version, ".");
	For Index = 0 To Required.UBound() Do
		Difference = Number(Current[Index]) - Number(Required[Index]);
		If Difference <> 0 Then
			Return Difference > 0;
		EndIf;
	EndDo;
	Return True;

EndFunction

#EndRegion

#Region Call

Function CallHTTPMethod(Session, Method, URL, Parameters)

	ConsiderSession(Session, Parameters);
	Call = NewCall(Session, URL, Parameters);
	Connection = ReadyConnection(Session);
	Try
		PassAttachments(Connection, Call);
		Summary = ReadJSONText(SendRequest(Connection, Method, URL, Call));
		Response = ResponseFromSummary(Summary);
		If Summary.Get("BodySize") > 0 And Not Call.Settings.Property("OutputFile") Then
			Response.Body = BinaryDataOrEmpty(Connection.TakeBody());
		EndIf;
		UpdateSessionCookies(Session, Summary);
	Except
		Raise ConnectionErrorText(Session, Connection, ErrorInfo());
	EndTry;
	If ValueOfKey(Parameters, "ExceptionOnErrorCode", False) And Response.StatusCode >= 400 Then
		Raise AsException(Response);
	EndIf;
	Return Response;

EndFunction

Function CallJSONMethod(Session, Method, URL, Parameters)

	Response = CallHTTPMethod(Session, Method, URL, Parameters);
	Return AsJson(Response, Parameters.JSONConversionParameters);

EndFunction

// The only place that sends a request. Control comes back here once a second, so that the platform can end the session
// or the background job. Returns the summary of the response: JSON text with the keys of NewResponse, without the body.
Function SendRequest(Connection, Method, URL, Call)

	Finished = Connection.StartRequest(Method, URL, Call.Body, JSONText(Call.Settings), 1000);
	While Not Finished Do
		Finished = Connection.Wait(1000);
	EndDo;
	Return Connection.ResponseJSON;

EndFunction

// One request as the add-in gets it.
//
// Returns:
//   Structure:
//   * Body - String, BinaryData, Undefined - body, passed apart from the settings.
//   * Settings - Structure - what becomes JSON text.
//   * Attachments - Map - binary data the settings refer to.
//   * Headers - Map - headers of session and request.
//   * Authentication - Structure - credentials of session and request.
//   * RequestParameters - Structure, Map - parameters of session and request.
//
Function NewCall(Session, URL, Parameters)

	Call = New Structure("Body, Settings, Attachments", Undefined, New Structure, New Map);
	SessionPriority = ValueOfKey(Parameters, "SessionPriority", False);
	Headers = MergedHeaders(
		Parameters.Headers, ValueOfKey(Session, "Headers"), SessionPriority);
	Call.Insert("Headers", Headers);
	Authentication = MergedAuthentication(
		Parameters.Authentication, ValueOfKey(Session, "Authentication"), SessionPriority);
	Call.Insert("Authentication", Authentication);
	RequestParameters = MergedRequestParameters(
		Parameters.RequestParameters, ValueOfKey(Session, "RequestParameters"), SessionPriority);
	Call.Insert("RequestParameters", RequestParameters);

	AddBody(Call, Parameters);
	AddCommonSettings(Call, Parameters);
	AddTLSSettings(Call, Parameters, Session);
	AddProxy(Call, Parameters, Session, URL);
	AddHeaders(Call, Parameters);
	Authentication = AuthenticationToPass(Call.Authentication);
	If Authentication.Count() > 0 Then
		Call.Settings.Insert("Authentication", Authentication);
	EndIf;
	If Call.RequestParameters.Count() > 0 Then
		Call.Settings.Insert("RequestParameters", ValuesAsText(Call.RequestParameters, ByRegion(Parameters)));
	EndIf;
	If ValueIsFilled(Parameters.Cookies) Then
		Call.Settings.Insert("Cookies", CookiesToPass(Parameters.Cookies));
	EndIf;
	Return Call;

EndFunction

Procedure AddCommonSettings(Call, Parameters)

	Settings = Call.Settings;
	// Where the add-in is more careful than Connector until asked.
	Settings.Insert("RetryUnsafeMethods", True);
	Settings.Insert("AllowRedirectToHTTP", True);
	For Each Key In StrSplit(KeysWithoutConversion(), ",") Do
		Value = ValueOfKey(Parameters, Key);
		If Value <> Undefined Then
			CheckSetting(Value, Key);
			Settings.Insert(Key, Value);
		EndIf;
	EndDo;
	CodesType = TypeOf(ValueOfKey(Settings, "ToRetryForStatusesCodes", New Array));
	If CodesType <> Type("Array") And CodesType <> Type("FixedArray") Then
		Settings.ToRetryForStatusesCodes = New Array;
	EndIf;

EndProcedure

Function KeysWithoutConversion()

	Return "Timeout,ConnectTimeout,TotalTimeout,AllowRedirect,MaximumNumberOfRedirects,"
		+ "AllowRedirectToHTTP,KeepMethodOn301,MaximumNumberOfRetries,MaximumTimeOfRetries,"
		+ "ExponentialDelayRatio,ToRetryForStatusesCodes,RetryUnsafeMethods,"
		+ "OutputFile,MaximumBodySize,AllowTruncatedTLS,TLSProvider,MinimumTLSVersion,"
		+ "MaximumTLSVersion,TLSServerName,PinnedKeys,DenyPrivateAddresses,AllowedSchemes,"
		+ "AllowedPorts,AddressOverrides";

EndFunction

Procedure PassAttachments(Connection, Call)

	For Each Attachment In Call.Attachments Do
		Connection.AddBlob(Attachment.Key, Attachment.Value);
	EndDo;

EndProcedure

// Binary data go apart from the JSON text, which refers to them.
Function ReferenceToData(Call, Data)

	Name = "d" + XMLString(Call.Attachments.Count());
	Call.Attachments.Insert(Name, Data);
	Return New Structure("Blob", Name);

EndFunction

#EndRegion

#Region Connection

Function NewServiceData()

	Return New Structure("DigestParameters");

EndFunction

// The add-in's object of this session, with the cookies of its structure. The object may have been lost when the session
// was copied or serialised, or died with the isolated process; then a new one is made.
Function ReadyConnection(Session)

	ServiceData = ValueOfKey(Session, "ServiceData");
	If TypeOf(ServiceData) <> Type("Structure") Then
		ServiceData = NewServiceData();
		Session.Insert("ServiceData", ServiceData);
	EndIf;
	CookiesText = SessionCookiesText(Session);
	Connection = ValueOfKey(ServiceData, "NativeSession");
	If IsPlainValue(Connection) Or Not CookiesAccepted(Connection, CookiesText) Then
		Connection = NewAddInObject("HTTPSession");
		ServiceData.Insert("NativeSession", Connection);
		If CookiesText <> "" Then
			Connection.Cookies = CookiesText;
		EndIf;
	EndIf;
	Return Connection;

EndFunction

// False when the object is gone; when it lives and the cookies are wrong - an exception.
Function CookiesAccepted(Connection, CookiesText)

	Try
		Connection.Cookies = CookiesText;
		Return True;
	Except
		ErrorText = LastError(Connection);
	EndTry;
	If ErrorText = "" Then
		Return False;
	EndIf;
	Raise ErrorText;

EndFunction

Function IsPlainValue(Value)

	PlainTypes = New TypeDescription("Undefined, Null, String, Number, Boolean, Structure, Map, Array");
	Return PlainTypes.ContainsType(TypeOf(Value));

EndFunction

Function LastError(Connection)

	Try
		Return Connection.LastError;
	Except
		// The object is gone: its process has ended.
		Return "";
	EndTry;

EndFunction

// The platform does not pass on the add-in's error text in every context, so the add-in itself is asked for it.
Function ConnectionErrorText(Session, Connection, ErrorInfo)

	Text = LastError(Connection);
	If IsBlankString(Text) Then
		Session.ServiceData.Delete("NativeSession");
		Return BriefErrorDescription(ErrorInfo);
	EndIf;
	Try
		// The request may still be under way when it was not the add-in that ended the wait.
		Connection.Cancel();
		Connection.ClearBlobs();
		// Hops before the error may have set cookies.
		UpdateSessionCookies(Session, ReadJSONText(Connection.ResponseJSON));
	Except
		Session.ServiceData.Delete("NativeSession");
	EndTry;
	Return ErrorForCaller(Text);

EndFunction

// The caller passed this to the module, not to a method of the add-in.
Function ErrorForCaller(Val Text)

	For Each Method In StrSplit("StartRequest,PrepareRequest", ",") Do
		Text = StrReplace(Text, Method + ", parameter Options", "AdditionalParameters");
		Text = StrReplace(Text, Method + ", parameter", "Parameter");
		If StrStartsWith(Text, Method + ": ") Then
			Text = Mid(Text, StrLen(Method) + 3);
		EndIf;
	EndDo;
	Return Text;

EndFunction

#EndRegion

#Region Parameters

// A copy of the caller's parameters over the defaults: the caller's own structures do not change.
Function CallParameters(AdditionalParameters, Key = "", Value = Undefined)

	Parameters = NewParameters();
	If AdditionalParameters <> Undefined Then
		CheckPairs(AdditionalParameters, "AdditionalParameters");
		For Each Parameter In AdditionalParameters Do
			If Parameter.Value <> Undefined Or Not Parameters.Property(Parameter.Key) Then
				Parameters.Insert(Parameter.Key, Parameter.Value);
			EndIf;
		EndDo;
		ApplySynonyms(Parameters, "Authentification=Authentication");
		Parameters.JSONConversionParameters = CompletedJSONConversion(Parameters.JSONConversionParameters);
	EndIf;
	If Value <> Undefined Then
		Parameters.Insert(Key, Value);
	EndIf;
	Return Parameters;

EndFunction

// Makes a session when there is none, and takes from it what the request lacks or has left at its default.
Procedure ConsiderSession(Session, Parameters)

	If Session = Undefined Then
		Session = NewSession();
	ElsIf TypeOf(Session) <> Type("Structure") Then
		Raise StrTemplate(NStr("ru = 'Сессия - это структура, которую создаёт %1, а не %2.'; en = 'A session is the structure that %1 makes, not %2.'"),
			"NewSession", TypeOf(Session));
	EndIf;
	CheckCollections(Parameters);
	CheckCollections(Session);
	Allowed = New Structure(SessionKeys());
	For Each Pair In Session Do
		If Pair.Value <> Undefined And Allowed.Property(Pair.Key) And IsDefault(Parameters, Pair.Key) Then
			Parameters.Insert(Pair.Key, Pair.Value);
		EndIf;
	EndDo;
	For Each Key In StrSplit("AllowEmptyJson,TextWithoutCharsetAsLatin1", ",") Do
		If ValueOfKey(Parameters, Key, False) Then
			Parameters.JSONConversionParameters.Insert(Key, True);
		EndIf;
	EndDo;

EndProcedure

Procedure CheckCollections(Source)

	For Each Key In StrSplit("Headers,RequestParameters,Authentication", ",") Do
		CheckPairs(ValueOfKey(Source, Key), Key);
	EndDo;
	For Each Key In StrSplit("Cookies,Files", ",") Do
		Value = ValueOfKey(Source, Key);
		// Empty means that there are none; an array will do.
		If ValueIsFilled(Value) Then
			CheckNotPlain(Value, Key, NStr("ru = 'массив, соответствие или структура'; en = 'an array, a map or a structure'"));
		EndIf;
	EndDo;

EndProcedure

Procedure CheckPairs(Value, Name)

	If Value = Undefined Or TypeOf(Value) = Type("Structure") Or TypeOf(Value) = Type("Map") Then
		Return;
	EndIf;
	Expected = NStr("ru = 'соответствие или структура'; en = 'a map or a structure'");
	CheckNotPlain(Value, Name, Expected);
	IsArray = TypeOf(Value) = Type("Array") Or TypeOf(Value) = Type("FixedArray");
	If IsArray And Value.Count() > 0 Then
		Raise TypeErrorText(Value, Name, Expected);
	EndIf;

EndProcedure

// Of a plain value in place of a collection the platform would only say that it cannot be gone through, without the key.
Procedure CheckNotPlain(Value, Name, Expected)

	PlainTypes = New TypeDescription("String, Number, Boolean, Date, BinaryData");
	If PlainTypes.ContainsType(TypeOf(Value)) Then
		Raise TypeErrorText(Value, Name, Expected);
	EndIf;

EndProcedure

// Of what cannot be written as JSON the platform would speak without naming the key.
Procedure CheckSetting(Value, Name)

	Writable = New TypeDescription("String, Number, Boolean, Array, FixedArray, Structure, "
		+ "FixedStructure, Map, FixedMap");
	If Not Writable.ContainsType(TypeOf(Value)) Then
		Expected = NStr("ru = 'число, строка, булево или коллекция'; en = 'a number, a string, a boolean or a collection'");
		Raise TypeErrorText(Value, Name, Expected);
	EndIf;

EndProcedure

Function TypeErrorText(Value, Name, Expected)

	Return StrTemplate(NStr("ru = '«%1»: значение неподходящего типа (%2), ожидается %3.'; en = '""%1"": a value of a wrong type (%2), expected is %3.'"),
		Name, TypeOf(Value), Expected);

EndFunction

// Keys of the additional parameters that may be added to a session.
Function SessionKeys()

	Return StrReplace(KeysWithoutConversion(), "OutputFile,", "") + ",SessionPriority,RevocationLists,"
		+ "ValuesByRegionalSettings,ExceptionOnErrorCode,AllowEmptyJson,TextWithoutCharsetAsLatin1,"
		+ "JSONWriterSettings";

EndFunction

Function IsDefault(Parameters, Key)

	Value = ValueOfKey(Parameters, Key);
	Return Value = Undefined Or Value = ValueOfKey(NewParameters(), Key);

EndFunction

// Pairs like "Other name=Key" with commas between them.
Procedure ApplySynonyms(Structure, Synonyms)

	For Each Pair In StrSplit(Synonyms, ",") Do
		Names = StrSplit(Pair, "=");
		Value = Undefined;
		If Structure.Property(Names[0], Value) And Value <> Undefined Then
			Structure.Insert(Names[1], Value);
		EndIf;
	EndDo;

EndProcedure

Function ValueOfKey(Source, Key, Default = Undefined)

	Value = Undefined;
	If TypeOf(Source) = Type("Structure") Or TypeOf(Source) = Type("FixedStructure") Then
		Source.Property(Key, Value);
	ElsIf TypeOf(Source) = Type("Map") Or TypeOf(Source) = Type("FixedMap") Then
		Value = Source.Get(Key);
	EndIf;
	Return ?(Value = Undefined, Default, Value);

EndFunction

Function StructureOf(Pairs)

	Result = New Structure;
	If Pairs <> Undefined Then
		For Each Pair In Pairs Do
			Result.Insert(Pair.Key, Pair.Value);
		EndDo;
	EndIf;
	Return Result;

EndFunction

Function ByRegion(Parameters)

	Return ValueOfKey(Parameters, "ValuesByRegionalSettings", False);

EndFunction

// Pairs with strings for values; an array stays an array, Undefined a key without a value.
Function ValuesAsText(Pairs, ByRegionalSettings)

	OrderMatters = TypeOf(Pairs) = Type("Structure") Or TypeOf(Pairs) = Type("FixedStructure");
	Texts = ?(OrderMatters, New Structure, New Map);
	For Each Pair In Pairs Do
		Value = Pair.Value;
		If TypeOf(Value) = Type("Array") Or TypeOf(Value) = Type("FixedArray") Then
			Elements = New Array;
			For Each Element In Value Do
				Elements.Add(ValueAsText(Element, ByRegionalSettings));
			EndDo;
			Value = Elements;
		ElsIf Value <> Undefined Then
			Value = ValueAsText(Value, ByRegionalSettings);
		EndIf;
		Texts.Insert(?(TypeOf(Pair.Key) = Type("String"), Pair.Key, ValueAsText(Pair.Key, False)), Value);
	EndDo;
	Return Texts;

EndFunction

Function ValueAsText(Value, ByRegionalSettings)

	ValueType = TypeOf(Value);
	If ValueType = Type("String") Then
		Return Value;
	EndIf;
	DependsOnSettings = ValueType = Type("Number") Or ValueType = Type("Boolean") Or ValueType = Type("Date");
	If DependsOnSettings And Not ByRegionalSettings Then
		Return XMLString(Value);
	EndIf;
	Return String(Value);

EndFunction

#EndRegion

#Region Headers

Function NewSessionHeaders()

	Compression = "gzip";
	#If MobileAppServer Then
	Compression = "identity";
	#EndIf
	Headers = New Map;
	Headers.Insert("Accept-Encoding", Compression);
	Headers.Insert("Accept", "*/*");
	Headers.Insert("Connection", "keep-alive");
	Return Headers;

EndFunction

// Names of headers have no letter case; those of the request win unless the session has priority.
Function MergedHeaders(RequestHeaders, SessionHeaders, SessionPriority)

	Headers = New Map;
	Names = New Map;
	ComplementHeaders(Headers, Names, ?(SessionPriority, SessionHeaders, RequestHeaders));
	ComplementHeaders(Headers, Names, ?(SessionPriority, RequestHeaders, SessionHeaders));
	Return Headers;

EndFunction

Procedure ComplementHeaders(Headers, Names, Source)

	If Source = Undefined Then
		Return;
	EndIf;
	Added = New Map;
	For Each Header In Source Do
		Name = Lower(Header.Key);
		If Header.Value <> Undefined And Names.Get(Name) = Undefined Then
			Headers.Insert(Header.Key, ValueAsText(Header.Value, False));
			Added.Insert(Name, True);
		EndIf;
	EndDo;
	For Each Name In Added Do
		Names.Insert(Name.Key, True);
	EndDo;

EndProcedure

// Without Accept-Encoding the add-in would ask for a compression the readers do not undo, and a file gets the body as
// it came.
Procedure AddHeaders(Call, Parameters)

	WithoutCompression = HeaderValue(Call.Headers, "accept-encoding") = Undefined
		Or Call.Settings.Property("OutputFile")
		And HeaderValue(Parameters.Headers, "accept-encoding") = Undefined;
	Headers = New Map;
	For Each Header In Call.Headers Do
		If Not WithoutCompression Or Lower(Header.Key) <> "accept-encoding" Then
			Headers.Insert(Header.Key, Header.Value);
		EndIf;
	EndDo;
	If WithoutCompression Then
		Headers.Insert("Accept-Encoding", "identity");
	EndIf;
	Call.Settings.Insert("Headers", Headers);

EndProcedure

Function HeaderValue(Headers, Name)

	Value = Undefined;
	If TypeOf(Headers) = Type("Map") Or TypeOf(Headers) = Type("FixedMap") Then
		For Each Header In Headers Do
			If Lower(Header.Key) = Name Then
				Value = Header.Value;
				Break;
			EndIf;
		EndDo;
	EndIf;
	Return Value;

EndFunction

Function HeadersFromSummary(Source)

	Headers = New Map;
	For Each Header In Source Do
		Value = Header.Value;
		Headers.Insert(Header.Key, ?(TypeOf(Value) = Type("Array"), StrConcat(Value, ", "), Value));
	EndDo;
	Return Headers;

EndFunction

#EndRegion

#Region Authentication

Function MergedAuthentication(RequestAuthentication, SessionAuthentication, SessionPriority)

	Preferred = ?(SessionPriority, SessionAuthentication, RequestAuthentication);
	Other = ?(SessionPriority, RequestAuthentication, SessionAuthentication);
	Result = New Structure;
	For Each Source In ArrayOf(Other, Preferred) Do
		If Source = Undefined Then
			Continue;
		EndIf;
		For Each Pair In Source Do
			If Pair.Value <> Undefined Then
				Result.Insert(Pair.Key, Pair.Value);
			EndIf;
		EndDo;
	EndDo;
	// Who gave credentials of their own does not log on as the OS user of the less important source.
	For Each Key In StrSplit("User,Token,AccessKeyID,TokenURL", ",") Do
		HasOwn = ValueIsFilled(ValueOfKey(Preferred, Key));
		If HasOwn And ValueOfKey(Preferred, "UseOSAuthentication") = Undefined Then
			Result.Delete("UseOSAuthentication");
		EndIf;
	EndDo;
	Return Result;

EndFunction

// Known keys; an unknown type means Basic, as before.
Function AuthenticationToPass(Authentication)

	Result = New Structure;
	Keys = "User,Password,Token,AccessKeyID,SecretKey,Service,"
		+ "Region,SessionToken,Payload,TokenURL,ClientID,ClientSecret,Scope";
	For Each Key In StrSplit(Keys, ",") Do
		Value = ValueOfKey(Authentication, Key);
		If Value <> Undefined Then
			// A token may be a UUID, a password a number.
			Result.Insert(Key, ValueAsText(Value, False));
		EndIf;
	EndDo;
	For Each Key In StrSplit("UseOSAuthentication,Parameters,InBody", ",") Do
		Value = ValueOfKey(Authentication, Key);
		If Value <> Undefined And (Key <> "UseOSAuthentication" Or TypeOf(Value) = Type("Boolean")) Then
			Result.Insert(Key, Value);
		EndIf;
	EndDo;
	AuthenticationType = ValueOfKey(Authentication, "Type", "");
	If AuthenticationType <> "" Then
		KnownTypes = ",basic,bearer,digest,aws4-hmac-sha256,oauth2,ntlm,negotiate,";
		IsKnown = StrFind(KnownTypes, "," + Lower(AuthenticationType) + ",") > 0;
		Result.Insert("Type", ?(IsKnown, AuthenticationType, "Basic"));
	EndIf;
	Return Result;

EndFunction

Function ArrayOf(First, Second)

	Result = New Array;
	Result.Add(First);
	Result.Add(Second);
	Return Result;

EndFunction

#EndRegion

#Region RequestParameters

// A copy: the parameters of the request first, then those of the session. A structure keeps its order.
Function MergedRequestParameters(RequestParameters, SessionParameters, SessionPriority)

	ParametersType = TypeOf(RequestParameters);
	If ParametersType = Type("Structure") Or ParametersType = Type("FixedStructure") Then
		Result = New Structure;
		Try
			AddPairs(Result, RequestParameters, True);
			AddPairs(Result, SessionParameters, SessionPriority);
			Return Result;
		Except
			// The name of a parameter of the session is no key of a structure: nothing keeps the order then.
			Result = Undefined;
		EndTry;
	EndIf;
	Result = New Map;
	AddPairs(Result, RequestParameters, True);
	AddPairs(Result, SessionParameters, SessionPriority);
	Return Result;

EndFunction

Procedure AddPairs(Pairs, Source, Prevails)

	If Source = Undefined Then
		Return;
	EndIf;
	Existing = New Map;
	For Each Pair In Pairs Do
		Existing.Insert(Pair.Key, True);
	EndDo;
	For Each Pair In Source Do
		If Prevails Or Existing.Get(Pair.Key) = Undefined Then
			Pairs.Insert(Pair.Key, Pair.Value);
		EndIf;
	EndDo;

EndProcedure

#EndRegion

#Region Body

// Files win over data, data win over Json.
Procedure AddBody(Call, Parameters)

	If ValueIsFilled(Parameters.Files) Then
		AddFiles(Call, Parameters);
	ElsIf TypeOf(Parameters.Data) = Type("File") Or ValueIsFilled(Parameters.Data) Then
		AddData(Call, Parameters);
	ElsIf Parameters.Json <> Undefined Then
		Call.Body = ObjectToJson(Parameters.Json, Parameters.JSONConversionParameters,
			ValueOfKey(Parameters, "JSONWriterSettings"));
		If HeaderValue(Call.Headers, "content-type") = Undefined Then
			Call.Headers.Insert("Content-Type", "application/json; charset=utf-8");
		EndIf;
	EndIf;

EndProcedure

Procedure AddData(Call, Parameters)

	Data = Parameters.Data;
	If TypeOf(Data) = Type("String") Or TypeOf(Data) = Type("BinaryData") Then
		Call.Body = Data;
	ElsIf TypeOf(Data) = Type("File") Then
		Call.Settings.Insert("Data", New Structure("File", Data.FullName));
	Else
		Call.Settings.Insert("Data", FormFields(Data, Parameters));
	EndIf;

EndProcedure

Function FormFields(Data, Parameters)

	CheckPairs(Data, "Data");
	Fields = ValuesAsText(Data, ByRegion(Parameters));
	If Fields.Count() = 1 Then
		// A single field named File or Blob would become a reference otherwise.
		SingleField = New Map;
		For Each Field In Fields Do
			Value = ?(TypeOf(Field.Value) = Type("String"), ArrayOfOne(Field.Value), Field.Value);
			SingleField.Insert(Field.Key, Value);
		EndDo;
		Fields = SingleField;
	EndIf;
	Return Fields;

EndFunction

Function ArrayOfOne(Value)

	Result = New Array;
	Result.Add(Value);
	Return Result;

EndFunction

Procedure AddFiles(Call, Parameters)

	Parts = New Array;
	FilesType = TypeOf(Parameters.Files);
	IsSingleFile = FilesType = Type("Structure") Or FilesType = Type("FixedStructure");
	Files = ?(IsSingleFile, ArrayOfOne(Parameters.Files), Parameters.Files);
	For Each File In Files Do
		Parts.Add(PartToPass(Call, File));
	EndDo;
	Call.Settings.Insert("Files", Parts);
	If ValueIsFilled(Parameters.Data) Then
		Call.Settings.Insert("Data", FormFields(Parameters.Data, Parameters));
	EndIf;

EndProcedure

// The caller's structure of the file does not change.
Function PartToPass(Call, File)

	Part = New Structure("Name, FileName, Type", File.Name, "", "");
	Part.FileName = String(ValueOfKey(File, "FileName", ""));
	Part.Type = String(ValueOfKey(File, "Type", ""));
	If TypeOf(File.Data) = Type("BinaryData") Then
		Part.Insert("Data", ReferenceToData(Call, File.Data));
	ElsIf TypeOf(File.Data) = Type("File") Then
		Part.Insert("Data", New Structure("File", File.Data.FullName));
	Else
		Part.Insert("Data", ValueAsText(File.Data, False));
	EndIf;
	Headers = New Map;
	For Each Header In ValueOfKey(File, "Headers", New Map) Do
		// The content type always comes from the key Type.
		If Lower(Header.Key) <> "content-type" Then
			Headers.Insert(Header.Key, ValueAsText(Header.Value, False));
		EndIf;
	EndDo;
	Part.Insert("Headers", Headers);
	Return Part;

EndFunction

// A request of the platform for those who send it themselves.
Function PlatformRequest(Request, Call)

	URLParts = StrSplit(Request.URL, "/");
	Start = StrLen(URLParts[0]) + StrLen(URLParts[2]) + 3;
	HTTPRequest = New HTTPRequest(Mid(Request.URL, Start), Request.Headers);
	Data = ValueOfKey(Call.Settings, "Data");
	If Call.Settings.Property("Files") Then
		Return HTTPRequest;
	ElsIf TypeOf(Data) = Type("Structure") And Data.Property("File") And Data.Count() = 1 Then
		HTTPRequest.SetBodyFileName(Data.File);
		Return HTTPRequest;
	EndIf;
	Body = ?(Data = Undefined, Call.Body, FormText(Data));
	If TypeOf(Body) = Type("String") Then
		Body = GetBinaryDataFromString(Body);
	EndIf;
	If Body <> Undefined Then
		Compression = HeaderValue(Request.Headers, "content-encoding");
		HTTPRequest.SetBodyFromBinaryData(?(Lower(Compression) = "gzip", WriteGZip(Body), Body));
	EndIf;
	Return HTTPRequest;

EndFunction

Function FormText(Fields)

	Pairs = New Array;
	For Each Field In Fields Do
		Name = EncodeString(Field.Key, StringEncodingMethod.URLEncoding);
		If Field.Value = Undefined Then
			Pairs.Add(Name);
			Continue;
		EndIf;
		Values = ?(TypeOf(Field.Value) = Type("Array"), Field.Value, ArrayOfOne(Field.Value));
		For Each Value In Values Do
			Pairs.Add(Name + "=" + EncodeString(Value, StringEncodingMethod.URLEncoding));
		EndDo;
	EndDo;
	Return StrConcat(Pairs, "&");

EndFunction

#EndRegion

#Region Cookies

// Nested maps domain - path - name - description, or an array of descriptions, with known keys only.
Function CookiesToPass(Cookies)

	If TypeOf(Cookies) = Type("Array") Or TypeOf(Cookies) = Type("FixedArray") Then
		Result = New Array;
		For Each Cookie In Cookies Do
			Result.Add(CookieToPass(Cookie));
		EndDo;
		Return Result;
	EndIf;
	Result = New Map;
	For Each Definition In CookieList(Cookies) Do
		// With a dot it is a domain and its subdomains, without it one host.
		Dot = ?(ValueOfKey(Definition.Cookie, "Domain") = "." + Definition.Domain, ".", "");
		Cookie = CookieToPass(Definition.Cookie);
		AddCookie(Result, Dot + Definition.Domain, Definition.Path, Definition.Name, Cookie);
	EndDo;
	Return Result;

EndFunction

// The nested maps domain - path - name in a row.
Function CookieList(Cookies)

	Descriptions = New Array;
	For Each Domain In Cookies Do
		CheckPairs(Domain.Value, "Cookies");
		For Each Path In Domain.Value Do
			CheckPairs(Path.Value, "Cookies");
			For Each Name In Path.Value Do
				Definition = New Structure("Domain, Path", Domain.Key, Path.Key);
				Definition.Insert("Name", Name.Key);
				Definition.Insert("Cookie", Name.Value);
				Descriptions.Add(Definition);
			EndDo;
		EndDo;
	EndDo;
	Return Descriptions;

EndFunction

Function CookieToPass(Cookie)

	Result = New Structure("Value", "");
	For Each Key In StrSplit(CookieKeys(), ",") Do
		Value = ValueOfKey(Cookie, Key);
		If Value <> Undefined Then
			IsText = Key <> "Port" And Key <> "ExpiresOn" And Key <> "OnlySecureConnection";
			Result.Insert(Key, ?(IsText, ValueAsText(Value, False), Value));
		EndIf;
	EndDo;
	Return Result;

EndFunction

Function CookieKeys()

	Return "Description,Value,Domain,Path,Port,ExpiresOn,OnlySecureConnection";

EndFunction

// The key of a domain has no dot, as in Connector: the dot stays in the key Domain of the cookie itself.
Function CookiesFromSummary(Source)

	Result = New Map;
	For Each Definition In CookieList(Source) Do
		HostName = ?(StrStartsWith(Definition.Domain, "."), Mid(Definition.Domain, 2), Definition.Domain);
		AddCookie(Result, HostName, Definition.Path, Definition.Name, NewCookie(Definition.Cookie));
	EndDo;
	Return Result;

EndFunction

Function NewCookie(Source)

	Cookie = New Structure;
	For Each Key In StrSplit(CookieKeys(), ",") Do
		Cookie.Insert(Key, ValueOfKey(Source, Key));
	EndDo;
	If TypeOf(Cookie.ExpiresOn) = Type("String") Then
		Digits = StrConcat(StrSplit(Cookie.ExpiresOn, "-T:Z"), "");
		Cookie.ExpiresOn = DateFromString(Digits);
	EndIf;
	If Cookie.ExpiresOn = Undefined Then
		Cookie.ExpiresOn = Date(3999, 1, 1);
	EndIf;
	Return Cookie;

EndFunction

// An answer the caller does not see may have set cookies too: a redirect, a retried one, the 401 before Digest.
Procedure UpdateSessionCookies(Session, Summary)

	Cookies = Summary.Get("SessionCookies");
	If Cookies <> Undefined Then
		Session.Insert("Cookies", CookiesFromSummary(Cookies));
	EndIf;

EndProcedure

Function CopyOfCookies(Session)

	Cookies = ValueOfKey(Session, "Cookies");
	Return ?(ValueIsFilled(Cookies), CookiesFromSummary(Cookies), New Map);

EndFunction

Function SessionCookiesText(Session)

	Cookies = ValueOfKey(Session, "Cookies");
	Return ?(ValueIsFilled(Cookies), JSONText(CookiesToPass(Cookies)), "");

EndFunction

// Cookies of the session, and those of the request over them.
Function MergedCookies(Session, Parameters, URL)

	Result = CopyOfCookies(Session);
	RequestCookies = Parameters.Cookies;
	If Not ValueIsFilled(RequestCookies) Then
		Return Result;
	EndIf;
	If TypeOf(RequestCookies) = Type("Array") Or TypeOf(RequestCookies) = Type("FixedArray") Then
		HostName = ParseURL(URL).Host;
		For Each Definition In RequestCookies Do
			Cookie = NewCookie(Definition);
			Cookie.Domain = ?(Cookie.Domain = Undefined, HostName, Cookie.Domain);
			Cookie.Path = ?(Cookie.Path = Undefined, "/", Cookie.Path);
			AddCookie(Result, Cookie.Domain, Cookie.Path, Cookie.Description, Cookie);
		EndDo;
		Return Result;
	EndIf;
	For Each Definition In CookieList(CookiesFromSummary(RequestCookies)) Do
		AddCookie(Result, Definition.Domain, Definition.Path, Definition.Name, Definition.Cookie);
	EndDo;
	Return Result;

EndFunction

Procedure AddCookie(Cookies, Domain, Path, Name, Cookie)

	If Cookies.Get(Domain) = Undefined Then
		Cookies.Insert(Domain, New Map);
	EndIf;
	Paths = Cookies.Get(Domain);
	If Paths.Get(Path) = Undefined Then
		Paths.Insert(Path, New Map);
	EndIf;
	Paths.Get(Path).Insert(Name, Cookie);

EndProcedure

#EndRegion

#Region TLS

// True in the request is the default, then the session decides.
Procedure AddTLSSettings(Call, Parameters, Session)

	VerifySSL = Parameters.VerifySSL;
	If VerifySSL = True Then
		VerifySSL = ValueOfKey(Session, "VerifySSL", True);
	EndIf;
	VerifySSL = TrustedToPass(Call, VerifySSL);
	If VerifySSL <> True Then
		Call.Settings.Insert("VerifySSL", VerifySSL);
	EndIf;

	Certificate = ValueOfKey(Parameters, "ClientSSLCertificate", ValueOfKey(Session, "ClientSSLCertificate"));
	Certificate = ClientCertificateToPass(Call, Certificate);
	If Certificate <> Undefined Then
		Call.Settings.Insert("ClientSSLCertificate", Certificate);
	EndIf;

	Lists = ValueOfKey(Parameters, "RevocationLists");
	If Lists <> Undefined Then
		Call.Settings.Insert("RevocationLists", MaterialToPass(Call, Lists));
	EndIf;

EndProcedure

// FileCertificationAuthorityCertificates cannot be read back in the language, even when created without a file name.
Function TrustedToPass(Call, VerifySSL)

	ValueType = TypeOf(VerifySSL);
	#If Not MobileAppServer Then
	If ValueType = Type("FileCertificationAuthorityCertificates") Then
		Raise StrTemplate(NStr("ru = '%1: имя файла из этого объекта прочитать нельзя. Укажите сам файл: %2 или текст PEM; для корневых сертификатов системы - %3.'; en = '%1: the name of the file cannot be read from this object. Give the file itself: %2 or PEM text; for the roots of the system %3.'"),
			ValueType, "VerifySSL = New Structure(""File"", FileName)", "VerifySSL = True");
	EndIf;
	#EndIf
	// Other objects are certificates of the system: OSCertificationAuthorityCertificates and the former ...Windows.
	MaterialTypes = New TypeDescription(
		"Boolean, String, BinaryData, Structure, FixedStructure, Map, Array, FixedArray");
	If Not MaterialTypes.ContainsType(ValueType) Then
		Return True;
	EndIf;
	Return MaterialToPass(Call, VerifySSL);

EndFunction

// The platform's FileClientCertificate and WindowsClientCertificate cannot be read back either. Other values are ignored,
// as before.
Function ClientCertificateToPass(Call, Certificate)

	ValueType = TypeOf(Certificate);
	#If Not MobileAppServer Then
	If ValueType = Type("FileClientCertificate") Or ValueType = Type("WindowsClientCertificate") Then
		Raise StrTemplate(NStr("ru = '%1: сертификат из этого объекта прочитать нельзя. Укажите его сами: %2; для хранилища Windows - %3.'; en = '%1: the certificate cannot be read from this object. Give it yourself: %2; for the Windows store %3.'"),
			ValueType, "ClientSSLCertificate = New Structure(""File, Password"", FileName, Password)",
			"ClientSSLCertificate = New Structure(""Store"", New Structure(""Thumbprint"", Thumbprint))"
			+ ", TLSProvider = ""Compatible""");
	EndIf;
	#EndIf
	If ValueType = Type("Structure") Or ValueType = Type("BinaryData") Then
		Return MaterialToPass(Call, Certificate);
	ElsIf ValueType = Type("String") And Not IsBlankString(Certificate) Then
		Key = ?(IsPEM(Certificate), "PEM", "File");
		Return New Structure(Key, Certificate);
	EndIf;
	Return Undefined;

EndFunction

// String - PEM text or a file name; binary data - a reference to an attachment; a structure and an array - of the same.
Function MaterialToPass(Call, Material)

	ValueType = TypeOf(Material);
	If ValueType = Type("String") Then
		Return ?(IsPEM(Material), Material, New Structure("File", Material));
	ElsIf ValueType = Type("BinaryData") Then
		Return ReferenceToData(Call, Material);
	ElsIf ValueType = Type("Array") Or ValueType = Type("FixedArray") Then
		Result = New Array;
		For Each Element In Material Do
			Result.Add(TrustedToPass(Call, Element));
		EndDo;
		Return Result;
	ElsIf ValueType = Type("Structure") Then
		Return MaterialStructureToPass(Call, Material);
	EndIf;
	Return Material;

EndFunction

Function MaterialStructureToPass(Call, Material)

	Result = New Structure;
	For Each Pair In Material Do
		Value = Pair.Value;
		If TypeOf(Value) = Type("BinaryData") Then
			Reference = ReferenceToData(Call, Value);
			Value = ?(Pair.Key = "Blob", Reference.Blob, Reference);
		EndIf;
		Result.Insert(Pair.Key, Value);
	EndDo;
	Return Result;

EndFunction

Function IsPEM(Text)

	Return StrFind(Text, "-----BEGIN ") > 0;

EndFunction

#EndRegion

#Region Proxy

// The proxy of the request, then of the session, then of SSL; when there is none, the add-in takes that of environment and system.
Procedure AddProxy(Call, Parameters, Session, URL)

	Proxy = ValueOfKey(Parameters, "Proxy", ValueOfKey(Session, "Proxy"));
	If Proxy = Undefined Then
		Proxy = DefaultProxy(URL);
	EndIf;
	If TypeOf(Proxy) = Type("InternetProxy") Then
		Proxy = ProxyToPass(Proxy);
	EndIf;
	If Proxy <> Undefined Then
		Call.Settings.Insert("Proxy", Proxy);
	EndIf;

EndProcedure

Function DefaultProxy(URL)

	SSLModule = SSLProxy();
	If SSLModule = Undefined Then
		Return Undefined;
	EndIf;
	Proxy = SSLModule.GetProxy(?(StrStartsWith(Lower(TrimL(URL)), "https://"), "https", "http"));
	If TypeOf(Proxy) <> Type("InternetProxy") Then
		Return Undefined;
	ElsIf IsBlankString(Proxy.Server("http")) And IsBlankString(Proxy.Server("https")) And SSLSaysNoProxy(SSLModule) Then
		// "No proxy" and "settings of the system" cannot be told apart by the object itself.
		Return False;
	EndIf;
	Return Proxy;

EndFunction

Function SSLSaysNoProxy(SSLModule)

	Try
		SSLSettings = SSLModule.ProxySettingsAtServer();
		Return ValueOfKey(SSLSettings, "UseProxy", True) = False;
	Except
		// This version of SSL has no such function.
		Return False;
	EndTry;

EndFunction

// The module of SSL, or Undefined when the configuration has no such subsystem.
Function SSLProxy()

	SSLModule = Undefined;
	#If Not MobileAppServer Then
	// The mobile platform has no Eval.
	If Metadata.CommonModules.Find("GetFilesFromInternet") <> Undefined Then
		Try
			SSLModule = Eval("GetFilesFromInternet");
		Except
			// The module cannot be reached in this context.
			SSLModule = Undefined;
		EndTry;
	EndIf;
	#EndIf
	Return SSLModule;

EndFunction

// Where SSL names the proxy, its choice in place of the add-in's; a password is not part of the description.
Procedure CompleteWithSSLProxy(Descriptions)

	For Each Protocol In StrSplit("http,https", ",") Do
		Try
			Proxy = DefaultProxy(Protocol + "://");
		Except
			Descriptions.Insert(Protocol, BriefErrorDescription(ErrorInfo()));
			Continue;
		EndTry;
		If Proxy = False Then
			Descriptions.Insert(Protocol, NStr("ru = 'нет (БСП)'; en = 'none (SSL)'"));
		ElsIf Proxy <> Undefined And IsBlankString(Proxy.Server(Protocol)) Then
			Descriptions.Insert(Protocol, NStr("ru = 'настройки системы (БСП)'; en = 'settings of the system (SSL)'"));
		ElsIf Proxy <> Undefined Then
			Server = Proxy.Server(Protocol);
			Server = Mid(Server, StrFind(Server, "@", SearchDirection.FromEnd) + 1);
			Definition = StrTemplate(NStr("ru = '%1:%2 (БСП)'; en = '%1:%2 (SSL)'"), Server, XMLString(Proxy.Port(Protocol)));
			Descriptions.Insert(Protocol, Definition);
		EndIf;
	EndDo;

EndProcedure

// An empty server - settings of the system; "no proxy" is False under the key Proxy.
Function ProxyToPass(Proxy)

	Result = New Structure;
	For Each Protocol In StrSplit("http,https", ",") Do
		If IsBlankString(Proxy.Server(Protocol)) Then
			Continue;
		EndIf;
		Definition = New Structure("Server", Proxy.Server(Protocol));
		If Proxy.Port(Protocol) > 0 Then
			Definition.Insert("Port", Proxy.Port(Protocol));
		EndIf;
		If Not IsBlankString(Proxy.User(Protocol)) Then
			Definition.Insert("User", Proxy.User(Protocol));
			Definition.Insert("Password", Proxy.Password(Protocol));
		ElsIf Not IsBlankString(Proxy.User) Then
			// The former properties, common to all protocols.
			Definition.Insert("User", Proxy.User);
			Definition.Insert("Password", Proxy.Password);
		ElsIf Proxy.UseOSAuthentication(Protocol) = True Then
			// True is the default as well, so a given user is more important.
			Definition.Insert("UseOSAuthentication", True);
		EndIf;
		Result.Insert(Protocol, Definition);
	EndDo;
	If Result.Count() = 0 Then
		Return True;
	EndIf;
	Exclusions = New Array;
	For Each Address In Proxy.BypassProxyOnAddresses Do
		Exclusions.Add(Address);
	EndDo;
	Result.Insert("BypassProxyOnAddresses", Exclusions);
	Result.Insert("BypassProxyOnLocal", Proxy.BypassProxyOnLocal);
	Return Result;

EndFunction

#EndRegion

#Region Response

Function ResponseFromSummary(Summary)

	Response = New Structure;
	Response.Insert("Method", Summary.Get("Method"));
	Response.Insert("URL", Summary.Get("URL"));
	Response.Insert("StatusCode", Summary.Get("StatusCode"));
	Response.Insert("Headers", HeadersFromSummary(Summary.Get("Headers")));
	Response.Insert("Body", EmptyBinaryData());
	Response.Insert("Encoding", Summary.Get("Encoding"));
	Response.Insert("ExecutionTime", Summary.Get("ExecutionTime"));
	Response.Insert("IsPermanentRedirect", Summary.Get("IsPermanentRedirect"));
	Response.Insert("IsRedirect", Summary.Get("IsRedirect"));
	Response.Insert("Cookies", CookiesFromSummary(Summary.Get("Cookies")));
	Response.Insert("Errors", Summary.Get("Errors"));
	Return Response;

EndFunction

// The structure of a response may be incomplete and made by hand.
Function UnpackedBody(Response)

	Body = Response.Body;
	Compression = HeaderValue(ValueOfKey(Response, "Headers"), "content-encoding");
	If Body.Size() = 0 Or IsBlankString(Compression) Then
		Return Body;
	EndIf;
	Codings = StrSplit(Lower(StrReplace(Compression, " ", "")), ",", False);
	For Each Coding In Codings Do
		If Coding <> "gzip" And Coding <> "x-gzip" And Coding <> "identity" Then
			Return Body;
		EndIf;
	EndDo;
	For Each Coding In Codings Do
		If Coding <> "identity" Then
			Body = ReadGZip(Body);
		EndIf;
	EndDo;
	Return Body;

EndFunction

Function BodyTextForException(Response)

	Try
		Text = AsText(Response);
	Except
		Return NStr("ru = '<Данные>'; en = '<Data>'");
	EndTry;
	If FindDisallowedXMLCharacters(Text) > 0 Then
		Return NStr("ru = '<Данные>'; en = '<Data>'");
	ElsIf StrLen(Text) <= 1000 Then
		Return Text;
	EndIf;
	Return Left(Text, 500) + Chars.LF + "..." + Chars.LF + Right(Text, 500);

EndFunction

Function URLWithoutPassword(URL)

	Start = StrFind(URL, "://");
	If Start = 0 Then
		Return URL;
	EndIf;
	Rest = Mid(URL, Start + 3);
	HostName = StrSplit(Rest, "/?#")[0];
	AtSign = StrFind(HostName, "@", SearchDirection.FromEnd);
	Return Left(URL, Start + 2) + Mid(Rest, AtSign + 1);

EndFunction

#EndRegion

#Region JSON

Function NewJSONConversionParameters()

	Conversion = New Structure;
	Conversion.Insert("ReadToMap", True);
	Conversion.Insert("JSONDateFormat", JSONDateFormat.ISO);
	Conversion.Insert("PropertiesNamesWithDateValues", Undefined);
	Conversion.Insert("JSONDateWritingVariant", JSONDateWritingVariant.LocalDate);
	Conversion.Insert("ConvertionFunctionName", Undefined);
	Conversion.Insert("ConvertionFunctionModule", Undefined);
	Conversion.Insert("ConvertionFunctionAdditionalParameters", Undefined);
	Conversion.Insert("ReviverFunctionName", Undefined);
	Conversion.Insert("ReviverFunctionModule", Undefined);
	Conversion.Insert("ReviverFunctionAdditionalParameters", Undefined);
	Conversion.Insert("RetriverPropertiesNames", Undefined);
	Conversion.Insert("MaximumNesting", 500);
	Conversion.Insert("AllowEmptyJson", False);
	Conversion.Insert("TextWithoutCharsetAsLatin1", False);
	Return Conversion;

EndFunction

Function CompletedJSONConversion(ConversionParameters)

	Conversion = NewJSONConversionParameters();
	If ConversionParameters <> Undefined Then
		CheckPairs(ConversionParameters, "JSONConversionParameters");
		For Each Parameter In ConversionParameters Do
			If Parameter.Value <> Undefined Then
				Conversion.Insert(Parameter.Key, Parameter.Value);
			EndIf;
		EndDo;
		ApplySynonyms(Conversion, "ConversionFunctionName=ConvertionFunctionName,"
			+ "ConversionFunctionModule=ConvertionFunctionModule,"
			+ "ConversionFunctionAdditionalParameters=ConvertionFunctionAdditionalParameters");
	EndIf;
	Return Conversion;

EndFunction

Function ReadJSONValue(Reader, Conversion)

	#If Not MobileAppServer And Not MobileAppClient Then
	If Conversion.MaximumNesting <> 500 Then
		// Old platforms do not have the ninth parameter and do not compile such a call.
		Return Eval("ReadJSON(Reader, Conversion.ReadToMap,
			|Conversion.PropertiesNamesWithDateValues, Conversion.JSONDateFormat,
			|Conversion.ReviverFunctionName, Conversion.ReviverFunctionModule,
			|Conversion.ReviverFunctionAdditionalParameters,
			|Conversion.RetriverPropertiesNames, Conversion.MaximumNesting)");
	EndIf;
	#EndIf
	If Not ValueIsFilled(Conversion.ReviverFunctionName) Then
		Return ReadJSON(Reader, Conversion.ReadToMap,
			Conversion.PropertiesNamesWithDateValues, Conversion.JSONDateFormat);
	EndIf;
	Return ReadJSON(Reader, Conversion.ReadToMap,
		Conversion.PropertiesNamesWithDateValues, Conversion.JSONDateFormat,
		Conversion.ReviverFunctionName, Conversion.ReviverFunctionModule,
		Conversion.ReviverFunctionAdditionalParameters,
		Conversion.RetriverPropertiesNames);

EndFunction

Function TextWriterSettings(WriterSettings)

	If TypeOf(WriterSettings) = Type("JSONWriterSettings") Then
		Return WriterSettings;
	EndIf;
	Settings = New Structure;
	Settings.Insert("NewLines", JSONLineBreak.Auto);
	Settings.Insert("PaddingSymbols", " ");
	Settings.Insert("UseDoubleQuotes", True);
	Settings.Insert("EscapeCharacters", JSONCharactersEscapeMode.None);
	Settings.Insert("EscapeAngleBrackets", False);
	Settings.Insert("EscapeLineTerminators", True);
	Settings.Insert("EscapeAmpersand", False);
	Settings.Insert("EscapeSingleQuotes", False);
	Settings.Insert("EscapeSlash", False);
	If WriterSettings <> Undefined Then
		For Each Parameter In WriterSettings Do
			If Parameter.Value <> Undefined Then
				Settings.Insert(Parameter.Key, Parameter.Value);
			EndIf;
		EndDo;
	EndIf;
	Return New JSONWriterSettings(Settings.NewLines, Settings.PaddingSymbols,
		Settings.UseDoubleQuotes, Settings.EscapeCharacters, Settings.EscapeAngleBrackets,
		Settings.EscapeLineTerminators, Settings.EscapeAmpersand,
		Settings.EscapeSingleQuotes, Settings.EscapeSlash);

EndFunction

// For the exchange with the add-in: no line breaks, maps in place of structures.
Function JSONText(Value)

	Writer = New JSONWriter;
	Writer.SetString(New JSONWriterSettings(JSONLineBreak.None));
	WriteJSON(Writer, Value);
	Return Writer.Close();

EndFunction

Function ReadJSONText(Text)

	Reader = New JSONReader;
	Reader.SetString(Text);
	Value = ReadJSON(Reader, True);
	Reader.Close();
	Return Value;

EndFunction

#EndRegion

#Region Encodings

// The encoding found is returned to the caller's variable.
Procedure DetermineEncoding(Response, Encoding)

	If Not ValueIsFilled(Encoding) Then
		Encoding = ValueOfKey(Response, "Encoding");
	EndIf;

EndProcedure

Function EncodingOrUTF8(Encoding)

	Return ?(Encoding = Undefined Or Encoding = "", "utf-8", Encoding);

EndFunction

// RFC 8259: JSON is UTF-8. Latin-1 for text/* without a charset is said by HTTP, not by the sender.
Function JSONEncoding(Response, Conversion)

	Encoding = ValueOfKey(Response, "Encoding");
	If Encoding = "iso-8859-1" And Not Conversion.TextWithoutCharsetAsLatin1 Then
		ContentType = HeaderValue(ValueOfKey(Response, "Headers"), "content-type");
		If ContentType <> Undefined And StrFind(Lower(ContentType), "charset=") = 0 Then
			Encoding = "utf-8";
		EndIf;
	EndIf;
	Return EncodingOrUTF8(Encoding);

EndFunction

Function EmptyBinaryData()

	Return Base64Value("");

EndFunction

// The add-in may return empty data as Undefined.
Function BinaryDataOrEmpty(Value)

	Return ?(TypeOf(Value) = Type("BinaryData"), Value, EmptyBinaryData());

EndFunction

Function TwoDigits(Text)

	Return ?(StrLen(Text) = 1, "0" + Text, Text);

EndFunction

#EndRegion

#Region StatusCodes

Function StatusCodesNames()

	Return
		"Continue_100, SwitchingProtocols_101, Processing_102, EarlyHints_103, OK_200,
		|Created_201, Accepted_202, NonAuthoritativeInformation_203, NoContent_204, ResetContent_205,
		|PartialContent_206, MultiStatus_207, AlreadyReported_208, IMUsed_226,
		|MultipleChoices_300, MovedPermanently_301, MovedTemporarily_302, SeeOther_303,
		|NotModified_304, UseProxy_305, TemporaryRedirect_307, PermanentRedirect_308,
		|BadRequest_400, Unauthorized_401, PaymentRequired_402, Forbidden_403, NotFound_404,
		|MethodNotAllowed_405, NotAcceptable_406, ProxyAuthenticationRequired_407,
		|RequestTimeout_408, Conflict_409, Gone_410, LengthRequired_411, PreconditionFailed_412,
		|PayloadTooLarge_413, URITooLong_414, UnsupportedMediaType_415,
		|RangeNotSatisfiable_416, ExpectationFailed_417, AuthenticationTimeout_419,
		|MisdirectedRequest_421, UnprocessableEntity_422, Locked_423,
		|FailedDependency_424, TooEarly_425, UpgradeRequired_426, PreconditionRequired_428,
		|TooManyRequests_429, RequestHeaderFieldsTooLarge_431, RetryWith_449,
		|UnavailableForLegalReasons_451, ClientClosedRequest_499, InternalServerError_500,
		|NotImplemented_501, BadGateway_502, ServiceUnavailable_503, GatewayTimeout_504,
		|HTTPVersionNotSupported_505, VariantAlsoNegotiates_506, InsufficientStorage_507,
		|LoopDetected_508, BandwidthLimitExceeded_509, NotExtended_510,
		|NetworkAuthenticationRequired_511, UnknownError_520, WebServerIsDown_521,
		|ConnectionTimedOut_522, OriginIsUnreachable_523, ATimeoutOccurred_524, SSLHandshakeFailed_525,
		|InvalidSSLCertificate_526";

EndFunction

Function StatusCodesTexts()

	Return
		";100: Continue;101: Switching Protocols;102: Processing;103: Early Hints;200: OK;201: Created;"
		+ "202: Accepted;203: Non-Authoritative Information;204: No Content;205: Reset Content;206: Partial Content;"
		+ "207: Multi-Status;208: Already Reported;226: IM Used;300: Multiple Choices;301: Moved Permanently;"
		+ "302: Moved Temporarily;303: See Other;304: Not Modified;305: Use Proxy;307: Temporary Redirect;"
		+ "308: Permanent Redirect;400: Bad Request;401: Unauthorized;402: Payment Required;403: Forbidden;"
		+ "404: Not Found;405: Method Not Allowed;406: Not Acceptable;407: Proxy Authentication Required;"
		+ "408: Request Timeout;409: Conflict;410: Gone;411: Length Required;412: Precondition Failed;"
		+ "413: Payload Too Large;414: URI Too Long;415: Unsupported Media Type;416: Range Not Satisfiable;"
		+ "417: Expectation Failed;419: Authentication Timeout;421: Misdirected Request;422: Unprocessable Entity;"
		+ "423: Locked;424: Failed Dependency;425: Too Early;426: Upgrade Required;428: Precondition Required;"
		+ "429: Too Many Requests;431: Request Header Fields Too Large;449: Retry With;"
		+ "451: Unavailable For Legal Reasons;499: Client Closed Request;500: Internal Server Error;"
		+ "501: Not Implemented;502: Bad Gateway;503: Service Unavailable;504: Gateway Timeout;"
		+ "505: HTTP Version Not Supported;506: Variant Also Negotiates;507: Insufficient Storage;"
		+ "508: Loop Detected;509: Bandwidth Limit Exceeded;510: Not Extended;511: Network Authentication Required;"
		+ "520: Unknown Error;521: Web Server Is Down;522: Connection Timed Out;523: Origin Is Unreachable;"
		+ "524: A Timeout Occurred;525: SSL Handshake Failed;526: Invalid SSL Certificate;";

EndFunction

#EndRegion

#EndRegion
