// кнк_HTTPConnectorClient: HTTP requests of thin and mobile clients, where synchronous calls of add-ins may be forbidden.
//
// A request is begun and control returns at once; the procedure of a NotifyDescription gets the outcome.
// It does less than the module кнк_HTTPConnector: no AsXDTO, gzip, HMAC, parsing of URLs, PrepareRequest, proxy of SSL
// and certificate objects of the platform; BeginCallMethod stands for Options, Head and Mkcol. Structures and keys are
// the same. The body of a response is decompressed here already, and there is no header Content-Encoding.
//
// The add-in has to be installed on the user's computer first: BeginInstallation asks for consent. It is attached by
// the first request. The web client is not supported.
// The names of template, add-in, module and idle handler stand in one place, see AddInLocation.
//
// License: MIT or Apache-2.0, at your choice.
// Platform 8.3.10 or later: thin client, thick client, mobile client.
//
// Generated: cargo run -p bsl --bin translate -- --write (1c/client.bsl and methods of кнк_КоннекторHTTP, the dictionary).

#Region Public

#Region AddIn

// Attaches the add-in beforehand; requests do it too.
//
// Parameters:
//   NotifyDescription - NotifyDescription - the procedure gets a Structure with the keys Attached (Boolean) and Error
//       (String, what to do), and the additional parameters.
//
// Example:
//   кнк_HTTPConnectorClient.BeginAttaching(New NotifyDescription("AfterAttaching", ThisObject));
//
Procedure BeginAttaching(NotifyDescription) Export

	Action = New Structure("NotifyDescription, Finished", NotifyDescription, False);
	BeginAttachingComponent(Notification("AfterAttachingComponent", Action, "OnAttachingError"));

EndProcedure

// Installs the add-in on the user's computer and attaches it. The platform asks for the user's consent,
// so no other function of this module does it.
//
// Parameters:
//   NotifyDescription - NotifyDescription - the procedure gets a Structure with the keys Attached (Boolean) and Error
//       (String, what to do), and the additional parameters.
//
// Example:
//   кнк_HTTPConnectorClient.BeginInstallation(New NotifyDescription("AfterInstallation", ThisObject));
//
Procedure BeginInstallation(NotifyDescription) Export

	Action = New Structure("NotifyDescription, Finished", NotifyDescription, False);
	AfterInstallation = Notification("AfterInstallingComponent", Action, "OnAttachingError");
	BeginInstallAddIn(AfterInstallation, AddInLocation().Location);

EndProcedure

#EndRegion

#Region Requests

// Begins a GET request.
//
// Parameters:
//   NotifyDescription - NotifyDescription - the procedure gets the outcome, see NewOutcome, and the additional parameters.
//   URL - String - address of the resource; http if it has no scheme.
//   RequestParameters - Structure, Map, Undefined - parameters after "?"; a value that is an array repeats the key.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Structure - the request begun, for Cancel.
//
// Example:
//   кнк_HTTPConnectorClient.BeginGet(New NotifyDescription("AfterRequest", ThisObject), "https://example.com/");
//
Function BeginGet(NotifyDescription, URL, RequestParameters = Undefined, AdditionalParameters = Undefined,
	Session = Undefined) Export

	Parameters = CallParameters(AdditionalParameters, "RequestParameters", RequestParameters);
	Return BeginHTTPMethod(NotifyDescription, Session, "GET", URL, Parameters);

EndFunction

// Begins a POST request.
//
// Parameters:
//   NotifyDescription - NotifyDescription - the procedure gets the outcome, see NewOutcome, and the additional parameters.
//   URL - String - address of the resource.
//   Data - String, BinaryData, Structure, Map, File - body: text, bytes, form fields or a file on disk.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Structure - the request begun, for Cancel.
//
// Example:
//   кнк_HTTPConnectorClient.BeginPost(NotifyDescription, "https://example.com/orders", New Structure("id", 5));
//
Function BeginPost(NotifyDescription, URL, Data = Undefined, AdditionalParameters = Undefined,
	Session = Undefined) Export

	Parameters = CallParameters(AdditionalParameters, "Data", Data);
	Return BeginHTTPMethod(NotifyDescription, Session, "POST", URL, Parameters);

EndFunction

// Begins a PUT request.
//
// Parameters:
//   NotifyDescription - NotifyDescription - the procedure gets the outcome, see NewOutcome, and the additional parameters.
//   URL - String - address of the resource.
//   Data - String, BinaryData, Structure, Map, File - body: text, bytes, form fields or a file on disk.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Structure - the request begun, for Cancel.
//
// Example:
//   кнк_HTTPConnectorClient.BeginPut(NotifyDescription, "https://example.com/orders", New Structure("id", 5));
//
Function BeginPut(NotifyDescription, URL, Data = Undefined, AdditionalParameters = Undefined,
	Session = Undefined) Export

	Parameters = CallParameters(AdditionalParameters, "Data", Data);
	Return BeginHTTPMethod(NotifyDescription, Session, "PUT", URL, Parameters);

EndFunction

// Begins a PATCH request.
//
// Parameters:
//   NotifyDescription - NotifyDescription - the procedure gets the outcome, see NewOutcome, and the additional parameters.
//   URL - String - address of the resource.
//   Data - String, BinaryData, Structure, Map, File - body: text, bytes, form fields or a file on disk.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Structure - the request begun, for Cancel.
//
// Example:
//   кнк_HTTPConnectorClient.BeginPatch(NotifyDescription, "https://example.com/orders", New Structure("id", 5));
//
Function BeginPatch(NotifyDescription, URL, Data = Undefined, AdditionalParameters = Undefined,
	Session = Undefined) Export

	Parameters = CallParameters(AdditionalParameters, "Data", Data);
	Return BeginHTTPMethod(NotifyDescription, Session, "PATCH", URL, Parameters);

EndFunction

// Begins a DELETE request.
//
// Parameters:
//   NotifyDescription - NotifyDescription - the procedure gets the outcome, see NewOutcome, and the additional parameters.
//   URL - String - address of the resource.
//   Data - String, BinaryData, Structure, Map, File - body: text, bytes, form fields or a file on disk.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Structure - the request begun, for Cancel.
//
// Example:
//   кнк_HTTPConnectorClient.BeginDelete(NotifyDescription, "https://example.com/orders", New Structure("id", 5));
//
Function BeginDelete(NotifyDescription, URL, Data = Undefined, AdditionalParameters = Undefined,
	Session = Undefined) Export

	Parameters = CallParameters(AdditionalParameters, "Data", Data);
	Return BeginHTTPMethod(NotifyDescription, Session, "DELETE", URL, Parameters);

EndFunction

// Begins a request with any method. The method is sent as written, letter case too.
//
// Parameters:
//   NotifyDescription - NotifyDescription - the procedure gets the outcome, see NewOutcome, and the additional parameters.
//   Method - String - HTTP method.
//   URL - String - address of the resource.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Structure - the request begun, for Cancel.
//
// Example:
//   кнк_HTTPConnectorClient.BeginCallMethod(NotifyDescription, "HEAD", "https://example.com/big.zip");
//
Function BeginCallMethod(NotifyDescription, Method, URL, AdditionalParameters = Undefined,
	Session = Undefined) Export

	Return BeginHTTPMethod(NotifyDescription, Session, Method, URL, CallParameters(AdditionalParameters));

EndFunction

// Ends a request that was begun: the procedure gets an outcome with the key Cancelled if it has not finished yet.
//
// Parameters:
//   Request - Structure - what a Begin... function returned.
//
// Example:
//   кнк_HTTPConnectorClient.Cancel(Request);
//
Procedure Cancel(Request) Export

	If Request.Finished Or Request.Cancelled Then
		Return;
	EndIf;
	Request.Cancelled = True;
	If Request.Connection <> Undefined Then
		// Else the add-in is being attached, and AfterAttachingForRequest finishes the request.
		Request.Connection.BeginCallingCancel(Notification("AfterCancel", Request, "OnCancelError"));
	EndIf;

EndProcedure

#EndRegion

#Region JSON

// Begins a GET request and reads the response as JSON. The status code is not checked.
//
// Parameters:
//   NotifyDescription - NotifyDescription - the procedure gets the outcome, see NewOutcome, and the additional parameters.
//   URL - String - address of the resource.
//   RequestParameters - Structure, Map, Undefined - parameters after "?".
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Structure - the request begun, for Cancel.
//
// Example:
//   кнк_HTTPConnectorClient.BeginGetJson(New NotifyDescription("AfterRequest", ThisObject), "https://example.com/");
//
Function BeginGetJson(NotifyDescription, URL, RequestParameters = Undefined,
	AdditionalParameters = Undefined, Session = Undefined) Export

	Parameters = CallParameters(AdditionalParameters, "RequestParameters", RequestParameters);
	Return BeginHTTPMethod(NotifyDescription, Session, "GET", URL, Parameters, True);

EndFunction

// Begins a POST request with a value as JSON and reads the response as JSON.
//
// Parameters:
//   NotifyDescription - NotifyDescription - the procedure gets the outcome, see NewOutcome, and the additional parameters.
//   URL - String - address of the resource.
//   Json - Arbitrary - value for the body of the request.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Structure - the request begun, for Cancel.
//
// Example:
//   кнк_HTTPConnectorClient.BeginPostJson(NotifyDescription, "https://example.com/orders", New Structure("id", 5));
//
Function BeginPostJson(NotifyDescription, URL, Json, AdditionalParameters = Undefined,
	Session = Undefined) Export

	Parameters = CallParameters(AdditionalParameters, "Json", Json);
	Return BeginHTTPMethod(NotifyDescription, Session, "POST", URL, Parameters, True);

EndFunction

// Begins a PUT request with a value as JSON and reads the response as JSON.
//
// Parameters:
//   NotifyDescription - NotifyDescription - the procedure gets the outcome, see NewOutcome, and the additional parameters.
//   URL - String - address of the resource.
//   Json - Arbitrary - value for the body of the request.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Structure - the request begun, for Cancel.
//
// Example:
//   кнк_HTTPConnectorClient.BeginPutJson(NotifyDescription, "https://example.com/orders", New Structure("id", 5));
//
Function BeginPutJson(NotifyDescription, URL, Json, AdditionalParameters = Undefined,
	Session = Undefined) Export

	Parameters = CallParameters(AdditionalParameters, "Json", Json);
	Return BeginHTTPMethod(NotifyDescription, Session, "PUT", URL, Parameters, True);

EndFunction

// Begins a PATCH request with a value as JSON and reads the response as JSON.
//
// Parameters:
//   NotifyDescription - NotifyDescription - the procedure gets the outcome, see NewOutcome, and the additional parameters.
//   URL - String - address of the resource.
//   Json - Arbitrary - value for the body of the request.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Structure - the request begun, for Cancel.
//
// Example:
//   кнк_HTTPConnectorClient.BeginPatchJson(NotifyDescription, "https://example.com/orders", New Structure("id", 5));
//
Function BeginPatchJson(NotifyDescription, URL, Json, AdditionalParameters = Undefined,
	Session = Undefined) Export

	Parameters = CallParameters(AdditionalParameters, "Json", Json);
	Return BeginHTTPMethod(NotifyDescription, Session, "PATCH", URL, Parameters, True);

EndFunction

// Begins a DELETE request with a value as JSON and reads the response as JSON.
//
// Parameters:
//   NotifyDescription - NotifyDescription - the procedure gets the outcome, see NewOutcome, and the additional parameters.
//   URL - String - address of the resource.
//   Json - Arbitrary - value for the body of the request.
//   AdditionalParameters - see NewParameters
//   Session - see NewSession
//
// Returns:
//   Structure - the request begun, for Cancel.
//
// Example:
//   кнк_HTTPConnectorClient.BeginDeleteJson(NotifyDescription, "https://example.com/orders", New Structure("id", 5));
//
Function BeginDeleteJson(NotifyDescription, URL, Json, AdditionalParameters = Undefined,
	Session = Undefined) Export

	Parameters = CallParameters(AdditionalParameters, "Json", Json);
	Return BeginHTTPMethod(NotifyDescription, Session, "DELETE", URL, Parameters, True);

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

// The outcome of a request: the first parameter of the procedure.
//
// Returns:
//   Structure:
//   * Error - String - why there is no response or value; empty when there is.
//   * Cancelled - Boolean - True when Cancel ended the request.
//   * Response - Structure, Undefined - see NewResponse
//   * Value - Arbitrary - what the Begin...Json functions read from JSON.
//
// Example:
//   Outcome = кнк_HTTPConnectorClient.NewOutcome();
//
Function NewOutcome() Export

	Outcome = New Structure("Response, Value");
	Outcome.Insert("Error", "");
	Outcome.Insert("Cancelled", False);
	Return Outcome;

EndFunction

// Authentication as the current user of the operating system (NTLM or Negotiate).
//
// Returns:
//   Structure:
//   * UseOSAuthentication - Boolean - True.
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
Function AsBinaryData(Response) Export

	Return UnpackedBody(Response);

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

// Returns a status code with its reason.
//
// Parameters:
//   StatusCode - Number - HTTP status code.
//
// Returns:
//   String - for instance "404: Not Found".
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

#EndRegion

#EndRegion

#Region Internal

// The platform calls the procedures of this region.

// Polls the requests that were begun: for the idle handler of the global module.
//
Procedure CheckRequests() Export

	Queue = PollingQueue();
	If Queue = Undefined Then
		Return;
	EndIf;
	Requests = New Array;
	For Each Request In Queue Do
		Requests.Add(Request);
	EndDo;
	Queue.Clear();
	For Each Request In Requests Do
		BeginWaiting(Request, 0);
	EndDo;

EndProcedure

// Parameters:
//   Action - Structure - keys NotifyDescription, Finished.
//
Procedure AfterInstallingComponent(Action) Export

	Action.Finished = True;
	BeginAttaching(Action.NotifyDescription);

EndProcedure

// Parameters:
//   Attached - Boolean - whether the add-in is attached.
//   Action - Structure - keys NotifyDescription, Finished.
//
Procedure AfterAttachingComponent(Attached, Action) Export

	Action.Finished = True;
	Outcome = New Structure("Attached, Error", Attached, ?(Attached, "", ReasonOfFailedAttach()));
	ExecuteNotifyProcessing(Action.NotifyDescription, Outcome);

EndProcedure

// Parameters:
//   ErrorInfo - ErrorInfo - what happened.
//   StandardProcessing - Boolean - becomes False: the caller's procedure learns of the error.
//   Action - Structure - keys NotifyDescription, Finished.
//
Procedure OnAttachingError(ErrorInfo, StandardProcessing, Action) Export

	If Action.Finished Then
		// The caller's procedure raised it: the platform shows it.
		Return;
	EndIf;
	StandardProcessing = False;
	Text = BriefErrorDescription(ErrorInfo);
	ExecuteNotifyProcessing(Action.NotifyDescription, New Structure("Attached, Error", False, Text));

EndProcedure

// Parameters:
//   Attached - Boolean - whether the add-in is attached.
//   Request - Structure - the request begun.
//
Procedure AfterAttachingForRequest(Attached, Request) Export

	If Request.Cancelled Then
		FinishCancelled(Request);
		Return;
	EndIf;
	If Attached Then
		Try
			Request.Connection = New(AddInTypeName());
		Except
			Attached = False;
		EndTry;
	EndIf;
	If Attached Then
		BeginSending(Request, True);
	Else
		FinishWithError(Request, ReasonOfFailedAttach());
	EndIf;

EndProcedure

// Parameters:
//   Request - Structure - the request begun.
//
Procedure AfterSettingCookies(Request) Export

	BeginPassingAttachment(Request);

EndProcedure

// Parameters:
//   Result - Undefined - not used.
//   MethodParameters - Array - parameters of the call; not used.
//   Request - Structure - the request begun.
//
Procedure AfterPassingAttachment(Result, MethodParameters, Request) Export

	BeginPassingAttachment(Request);

EndProcedure

// Parameters:
//   Result - Boolean - True when the request has finished.
//   MethodParameters - Array - parameters of the call; not used.
//   Request - Structure - the request begun.
//
Procedure AfterWait(Result, MethodParameters, Request) Export

	If Request.Cancelled Then
		Return;
	ElsIf Result Then
		Request.Connection.BeginGettingResponseJSON(Notification("AfterGettingSummary", Request));
	Else
		PollLater(Request);
	EndIf;

EndProcedure

// Parameters:
//   SummaryText - String - the response without its body: JSON text.
//   Request - Structure - the request begun.
//
Procedure AfterGettingSummary(SummaryText, Request) Export

	If Request.Cancelled Then
		Return;
	EndIf;
	ErrorText = "";
	HasBody = False;
	Try
		Summary = ReadJSONText(SummaryText);
		Request.Response = ResponseFromSummary(Summary);
		EnterCookies(Request, Summary);
		HasBody = Summary.Get("BodySize") > 0 And Not Request.Call.Settings.Property("OutputFile");
		If HasBody Then
			BeginGettingBody(Request);
		EndIf;
	Except
		ErrorText = BriefErrorDescription(ErrorInfo());
	EndTry;
	If ErrorText <> "" Then
		FinishWithError(Request, ErrorText);
	ElsIf Not HasBody Then
		FinishWithResponse(Request);
	EndIf;

EndProcedure

// Parameters:
//   Result - BinaryData, Undefined - the body.
//   MethodParameters - Array - parameters of the call; not used.
//   Request - Structure - the request begun.
//
Procedure AfterGettingBody(Result, MethodParameters, Request) Export

	If Not Request.Cancelled Then
		Request.Response.Body = BinaryDataOrEmpty(Result);
		FinishWithResponse(Request);
	EndIf;

EndProcedure

// The platform does not pass on the add-in's error text in every context, so the add-in itself is asked for it.
//
// Parameters:
//   ErrorInfo - ErrorInfo - what happened.
//   StandardProcessing - Boolean - becomes False: the caller's procedure learns of the error.
//   Request - Structure - the request begun.
//
Procedure OnRequestError(ErrorInfo, StandardProcessing, Request) Export

	If Request.Finished Then
		// The caller's procedure raised it: the platform shows it.
		Return;
	EndIf;
	StandardProcessing = False;
	If Request.Cancelled Then
		// Without a connection nobody else tells of the cancellation.
		If Request.Connection = Undefined Then
			FinishCancelled(Request);
		EndIf;
		Return;
	EndIf;
	Request.Error = BriefErrorDescription(ErrorInfo);
	If Request.Connection = Undefined Then
		FinishWithError(Request, Request.Error);
	Else
		AfterReceipt = Notification("AfterGettingError", Request, "OnConnectionLoss");
		Request.Connection.BeginGettingLastError(AfterReceipt);
	EndIf;

EndProcedure

// Parameters:
//   ErrorText - String - what the add-in said.
//   Request - Structure - the request begun.
//
Procedure AfterGettingError(ErrorText, Request) Export

	If Request.Cancelled Then
		Return;
	EndIf;
	Request.Error = ErrorForCaller(?(IsBlankString(ErrorText), Request.Error, ErrorText));
	// Hops before the error may have set cookies.
	AfterReceipt = Notification("AfterGettingErrorSummary", Request, "OnConnectionLoss");
	Request.Connection.BeginGettingResponseJSON(AfterReceipt);

EndProcedure

// Parameters:
//   SummaryText - String - cookies of the session: JSON text.
//   Request - Structure - the request begun.
//
Procedure AfterGettingErrorSummary(SummaryText, Request) Export

	If Not Request.Cancelled Then
		EnterCookies(Request, ReadJSONText(SummaryText));
		FinishWithError(Request, Request.Error);
	EndIf;

EndProcedure

// Parameters:
//   ErrorInfo - ErrorInfo - what happened; not used.
//   StandardProcessing - Boolean - becomes False: the caller's procedure learns of the error.
//   Request - Structure - the request begun.
//
Procedure OnConnectionLoss(ErrorInfo, StandardProcessing, Request) Export

	If Request.Finished Then
		// The caller's procedure raised it: the platform shows it.
		Return;
	EndIf;
	StandardProcessing = False;
	If Not Request.Cancelled Then
		FinishWithError(Request, Request.Error);
	EndIf;

EndProcedure

// Parameters:
//   Result - Undefined - not used.
//   MethodParameters - Array - parameters of the call; not used.
//   Request - Structure - the request begun.
//
Procedure AfterCancel(Result, MethodParameters, Request) Export

	FinishCancelled(Request);

EndProcedure

// Parameters:
//   ErrorInfo - ErrorInfo - what happened; not used.
//   StandardProcessing - Boolean - becomes False: the caller's procedure learns of the error.
//   Request - Structure - the request begun.
//
Procedure OnCancelError(ErrorInfo, StandardProcessing, Request) Export

	If Request.Finished Then
		// The caller's procedure raised it: the platform shows it.
		Return;
	EndIf;
	StandardProcessing = False;
	FinishCancelled(Request);

EndProcedure

#EndRegion

#Region Private

#Region AddIn

// The only place that names the template and the add-in. When embedding under another name change it, ThisModule and
// IdleHandlerName.
//
// Returns:
//   Structure:
//   * Location - String - the template or an address in temporary storage.
//   * SymbolicName - String - identifier the add-in is attached under.
//
Function AddInLocation()

	Placement = New Structure;
	Placement.Insert("Location", "CommonTemplate.кнк_HTTPConnectorAddIn");
	Placement.Insert("SymbolicName", "ConnectorHTTPNativeExt");
	Return Placement;

EndFunction

// Notifications need a module, and a common module can refer to itself by name only.
Function ThisModule()

	Return кнк_HTTPConnectorClient;

EndFunction

// A procedure of a global client module; it calls CheckRequests.
Function IdleHandlerName()

	Return "кнк_CheckHTTPConnectorRequests";

EndFunction

Function AddInTypeName()

	Return StrTemplate("AddIn.%1.HTTPSession", AddInLocation().SymbolicName);

EndFunction

Procedure BeginAttachingComponent(NotifyDescription)

	Placement = AddInLocation();
	BeginAttachingAddIn(NotifyDescription, Placement.Location, Placement.SymbolicName,
		AddInType.Native);

EndProcedure

Function ReasonOfFailedAttach()

	SystemInfo = New SystemInfo;
	Return StrTemplate(NStr("ru = 'Внешняя компонента HTTP не подключена на клиенте (%1; платформа %2, %3). Установите её на этот компьютер: НачатьУстановку. Если она установлена, проверьте, что в архиве есть библиотека для этой системы и архитектуры.'; en = 'The HTTP add-in is not attached on the client (%1; platform %2, %3). Install it on this computer: BeginInstallation. If it is installed, check that the archive has a library for this system and architecture.'"),
		AddInLocation().Location, SystemInfo.AppVersion,
		String(SystemInfo.PlatformType));

EndFunction

#EndRegion

#Region Call

Function BeginHTTPMethod(NotifyDescription, Session, Method, URL, Parameters, ReadsJSON = False)

	ConsiderSession(Session, Parameters);
	Request = New Structure("Finished, Cancelled, Error", False, False, "");
	Request.Insert("NotifyDescription", NotifyDescription);
	Request.Insert("Method", Method);
	Request.Insert("URL", URL);
	Request.Insert("Parameters", Parameters);
	Request.Insert("Session", Session);
	Request.Insert("ReadsJSON", ReadsJSON);
	Request.Insert("Call", NewCall(Session, URL, Parameters));
	Request.Insert("Attachments", New Array);
	For Each Attachment In Request.Call.Attachments Do
		Request.Attachments.Add(Attachment);
	EndDo;
	// A wrong value is an exception at once, before the connection of the session is taken.
	Request.Insert("SettingsText", JSONText(Request.Call.Settings));
	Request.Insert("CookiesText", SessionCookiesText(Session));
	Request.Insert("Cookies", CopyOfCookies(Session));
	Request.Insert("Connection", Undefined);
	Request.Insert("IsSessionConnection", False);
	Request.Insert("Response", Undefined);

	If TakeSessionConnection(Request) Then
		BeginSending(Request, False);
		Return Request;
	EndIf;
	Try
		Request.Connection = New(AddInTypeName());
	Except
		// The add-in is not attached yet.
		BeginAttachingComponent(Notification("AfterAttachingForRequest", Request));
		Return Request;
	EndTry;
	BeginSending(Request, True);
	Return Request;

EndFunction

// One object of the add-in does one request. While that of the session is taken, the next request gets its own.
Function TakeSessionConnection(Request)

	ServiceData = ValueOfKey(Request.Session, "ServiceData");
	If TypeOf(ServiceData) <> Type("Structure") Then
		ServiceData = NewServiceData();
		Request.Session.Insert("ServiceData", ServiceData);
	EndIf;
	Connection = ValueOfKey(ServiceData, "NativeSession");
	If Connection = Undefined Or ValueOfKey(ServiceData, "IsTaken", False) Then
		Return False;
	EndIf;
	Request.Connection = Connection;
	Request.IsSessionConnection = True;
	ServiceData.Insert("IsTaken", True);
	Return True;

EndFunction

Procedure BeginSending(Request, NewConnection)

	ServiceData = Request.Session.ServiceData;
	If NewConnection And ValueOfKey(ServiceData, "NativeSession") = Undefined Then
		ServiceData.Insert("NativeSession", Request.Connection);
		ServiceData.Insert("IsTaken", True);
		Request.IsSessionConnection = True;
	EndIf;
	If NewConnection And Request.CookiesText = "" Then
		BeginPassingAttachment(Request);
	Else
		Request.Connection.BeginSettingCookies(Notification("AfterSettingCookies", Request), Request.CookiesText);
	EndIf;

EndProcedure

// The next attachment, and when there is none left, the request.
Procedure BeginPassingAttachment(Request)

	If Request.Cancelled Then
		Return;
	ElsIf Request.Attachments.Count() > 0 Then
		Attachment = Request.Attachments[0];
		Request.Attachments.Delete(0);
		Request.Connection.BeginCallingAddBlob(Notification("AfterPassingAttachment", Request),
			Attachment.Key, Attachment.Value);
	Else
		Request.Connection.BeginCallingStartRequest(Notification("AfterWait", Request), Request.Method, Request.URL,
			Request.Call.Body, Request.SettingsText, WaitMilliseconds());
	EndIf;

EndProcedure

// Only what this request changed gets into the session: meanwhile another request and the caller may have changed its cookies.
Procedure EnterCookies(Request, Summary)

	Added = Summary.Get("SessionCookies");
	If Added = Undefined Then
		Return;
	EndIf;
	Added = CookiesFromSummary(Added);
	Cookies = New Map;
	For Each Definition In CookieList(CopyOfCookies(Request.Session)) Do
		FormerOne = FoundCookie(Request.Cookies, Definition);
		WasDeleted = FoundCookie(Added, Definition) = Undefined;
		If Not WasDeleted Or Not CookiesAreEqual(FormerOne, Definition.Cookie) Then
			AddCookie(Cookies, Definition.Domain, Definition.Path, Definition.Name, Definition.Cookie);
		EndIf;
	EndDo;
	For Each Definition In CookieList(Added) Do
		If Not CookiesAreEqual(FoundCookie(Request.Cookies, Definition), Definition.Cookie) Then
			AddCookie(Cookies, Definition.Domain, Definition.Path, Definition.Name, Definition.Cookie);
		EndIf;
	EndDo;
	Request.Session.Insert("Cookies", Cookies);

EndProcedure

Function FoundCookie(Cookies, Definition)

	Paths = ValueOfKey(Cookies, Definition.Domain);
	Return ValueOfKey(ValueOfKey(Paths, Definition.Path), Definition.Name);

EndFunction

Function CookiesAreEqual(FirstOne, SecondOne)

	For Each Key In StrSplit("Value,ExpiresOn", ",") Do
		If ValueOfKey(FirstOne, Key) <> ValueOfKey(SecondOne, Key) Then
			Return False;
		EndIf;
	EndDo;
	Return True;

EndFunction

// The body is taken without a copy; the add-in decompresses a compressed one first.
Procedure BeginGettingBody(Request)

	If HeaderValue(Request.Response.Headers, "content-encoding") = Undefined Then
		Request.Connection.BeginCallingTakeBody(Notification("AfterGettingBody", Request));
	Else
		RemoveHeader(Request.Response.Headers, "content-encoding");
		Request.Connection.BeginCallingAsBinaryData(Notification("AfterGettingBody", Request));
	EndIf;

EndProcedure

Procedure BeginWaiting(Request, Milliseconds)

	If Not Request.Cancelled And Not Request.Finished Then
		Request.Connection.BeginCallingWait(Notification("AfterWait", Request), Milliseconds);
	EndIf;

EndProcedure

Function Notification(ProcedureName, Request, ErrorHandlerName = "OnRequestError")

	Return New NotifyDescription(ProcedureName, ThisModule(), Request, ErrorHandlerName, ThisModule());

EndFunction

Procedure FinishWithResponse(Request)

	Outcome = NewOutcome();
	Outcome.Response = Request.Response;
	Try
		If ValueOfKey(Request.Parameters, "ExceptionOnErrorCode", False) And Outcome.Response.StatusCode >= 400 Then
			Outcome.Error = AsException(Outcome.Response);
		ElsIf Request.ReadsJSON Then
			Outcome.Value = AsJson(Outcome.Response, Request.Parameters.JSONConversionParameters);
		EndIf;
	Except
		Outcome.Error = BriefErrorDescription(ErrorInfo());
	EndTry;
	Finish(Request, Outcome);

EndProcedure

Procedure FinishWithError(Request, ErrorText)

	Outcome = NewOutcome();
	Outcome.Error = ErrorText;
	ForgetConnection(Request);
	Finish(Request, Outcome);

EndProcedure

Procedure FinishCancelled(Request)

	Outcome = NewOutcome();
	Outcome.Cancelled = True;
	Outcome.Error = NStr("ru = 'Запрос отменён'; en = 'The request was cancelled'");
	ForgetConnection(Request);
	Finish(Request, Outcome);

EndProcedure

// Attachments of the request may be left in the object; the next request of the session starts with a new one.
Procedure ForgetConnection(Request)

	If Request.IsSessionConnection Then
		Request.Session.ServiceData.Delete("NativeSession");
	EndIf;

EndProcedure

// A request finishes exactly once. The session is free by then: the procedure may begin the next request.
Procedure Finish(Request, Outcome)

	If Request.Finished Then
		Return;
	EndIf;
	Request.Finished = True;
	If Request.IsSessionConnection Then
		Request.Session.ServiceData.Delete("IsTaken");
	EndIf;
	Request.Connection = Undefined;
	ExecuteNotifyProcessing(Request.NotifyDescription, Outcome);

EndProcedure

#EndRegion

#Region Polling

// The module learns of the end by polling the add-in. Only forms and the application's module get external events, and
// an idle handler of a common module cannot keep a list of requests: common modules have no variables. Therefore:
// with a variable ApplicationParameters of the application (any configuration on SSL has it) and the global module requests
// wait there, and an idle handler polls them: the interface is free; without, the next wait begins right after the one
// before, each no longer than WaitMilliseconds.
Procedure PollLater(Request)

	Queue = PollingQueue();
	If Queue <> Undefined Then
		Queue.Add(Request);
		Try
			AttachIdleHandler(IdleHandlerName(), PollingPause(), True);
			Return;
		Except
			// There is no global module with such a procedure.
			Queue.Delete(Queue.UBound());
		EndTry;
	EndIf;
	BeginWaiting(Request, WaitMilliseconds());

EndProcedure

// An array of requests, or Undefined when there is nowhere to keep it.
Function PollingQueue()

	SharedData = Undefined;
	#If Not MobileAppClient Then
	// The mobile platform has no Eval.
	Try
		SharedData = Eval("ApplicationParameters");
	Except
		// The application's module has no such variable.
		SharedData = Undefined;
	EndTry;
	#EndIf
	If TypeOf(SharedData) <> Type("Map") Then
		Return Undefined;
	EndIf;
	Queue = SharedData.Get(IdleHandlerName());
	If Queue = Undefined Then
		Queue = New Array;
		SharedData.Insert(IdleHandlerName(), Queue);
	EndIf;
	Return Queue;

EndFunction

// Seconds between polls; the shortest interval of an idle handler.
Function PollingPause()

	Return 0.1;

EndFunction

// How long one call of the add-in waits; nobody notices.
Function WaitMilliseconds()

	Return 30;

EndFunction

#EndRegion

#Region Response

Procedure RemoveHeader(Headers, Name)

	Spelling = "";
	For Each Header In Headers Do
		If Lower(Header.Key) = Name Then
			Spelling = Header.Key;
		EndIf;
	EndDo;
	If Spelling <> "" Then
		Headers.Delete(Spelling);
	EndIf;

EndProcedure

// The add-in has decompressed the body.
Function UnpackedBody(Response)

	Return Response.Body;

EndFunction

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

Function HeadersFromSummary(Source)

	Headers = New Map;
	For Each Header In Source Do
		Value = Header.Value;
		Headers.Insert(Header.Key, ?(TypeOf(Value) = Type("Array"), StrConcat(Value, ", "), Value));
	EndDo;
	Return Headers;

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

#Region Parameters

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

// Binary data go apart from the JSON text, which refers to them.
Function ReferenceToData(Call, Data)

	Name = "d" + XMLString(Call.Attachments.Count());
	Call.Attachments.Insert(Name, Data);
	Return New Structure("Blob", Name);

EndFunction

Function NewServiceData()

	Return New Structure("DigestParameters");

EndFunction

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

Function TypeErrorText(Value, Name, Expected)

	Return StrTemplate(NStr("ru = '«%1»: значение неподходящего типа (%2), ожидается %3.'; en = '""%1"": a value of a wrong type (%2), expected is %3.'"),
		Name, TypeOf(Value), Expected);

EndFunction

// Of what cannot be written as JSON the platform would speak without naming the key.
Procedure CheckSetting(Value, Name)

	Writable = New TypeDescription("String, Number, Boolean, Array, FixedArray, Structure, "
		+ "FixedStructure, Map, FixedMap");
	If Not Writable.ContainsType(TypeOf(Value)) Then
		Expected = NStr("ru = 'число, строка, булево или коллекция'; en = 'a number, a string, a boolean or a collection'");
		Raise TypeErrorText(Value, Name, Expected);
	EndIf;

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

Function CopyOfCookies(Session)

	Cookies = ValueOfKey(Session, "Cookies");
	Return ?(ValueIsFilled(Cookies), CookiesFromSummary(Cookies), New Map);

EndFunction

Function SessionCookiesText(Session)

	Cookies = ValueOfKey(Session, "Cookies");
	Return ?(ValueIsFilled(Cookies), JSONText(CookiesToPass(Cookies)), "");

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

// A string like yyyyMMddHHmmss as a date; the empty date when it is none.
Function DateFromString(Val String)

	TypeDefinition = New TypeDescription("Date");
	Return TypeDefinition.AdjustValue(String);

EndFunction

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

// Certificate objects of the platform cannot be read back, and not every client has their types.
Function TrustedToPass(Call, VerifySSL)

	ValueTypes = New TypeDescription(
		"Undefined, Boolean, String, BinaryData, Structure, Array, FixedArray");
	If Not ValueTypes.ContainsType(TypeOf(VerifySSL)) Then
		Raise NStr("ru = 'Сертификаты из объекта платформы прочитать нельзя. Укажите сам файл: ПроверятьSSL = Новый Структура(""Файл"", ИмяФайла) или текст PEM; для корневых сертификатов системы - Истина.'; en = 'The certificates in an object of the platform cannot be read back. Give the file itself: VerifySSL = New Structure(""File"", FileName) or PEM text; True for the roots of the system.'");
	EndIf;
	Return MaterialToPass(Call, VerifySSL);

EndFunction

Function ClientCertificateToPass(Call, Certificate)

	ValueTypes = New TypeDescription("Undefined, String, BinaryData, Structure");
	If Not ValueTypes.ContainsType(TypeOf(Certificate)) Then
		Raise NStr("ru = 'Сертификат из объекта платформы прочитать нельзя. Укажите его сами: КлиентскийСертификатSSL = Новый Структура(""Файл, Пароль"", ИмяФайла, Пароль).'; en = 'The certificate in an object of the platform cannot be read back. Give it yourself: ClientSSLCertificate = New Structure(""File, Password"", FileName, Password).'");
	ElsIf TypeOf(Certificate) = Type("String") Then
		If IsBlankString(Certificate) Then
			Return Undefined;
		EndIf;
		Return New Structure(?(IsPEM(Certificate), "PEM", "File"), Certificate);
	EndIf;
	Return MaterialToPass(Call, Certificate);

EndFunction

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

// SSL keeps proxies on the server; on a client the add-in takes the settings of the system.
//
// Parameters:
//   URL - String - not used.
//
Function DefaultProxy(URL)

	Return Undefined;

EndFunction

#EndRegion

#Region ReadingAndWritingJSON

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

#EndRegion
