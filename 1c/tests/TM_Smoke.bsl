// The English module: cases 7, 15, 16, 22, 24, 26, 40, 43, 44, 70, and what only it has.

Procedure ИсполняемыеСценарии() Export

	ЮТТесты.ДобавитьТест("Case07_PlainURL");
	ЮТТесты.ДобавитьТест("Case15_URLWithoutScheme");
	ЮТТесты.ДобавитьТест("Case16_ParametersInQuery");
	ЮТТесты.ДобавитьТест("Case22_AnyHeaders");
	ЮТТесты.ДобавитьТест("Case24_SendJson");
	ЮТТесты.ДобавитьТест("Case26_BasicAuth");
	ЮТТесты.ДобавитьТест("Case40_EndlessRedirect");
	ЮТТесты.ДобавитьТест("Case43_Status404");
	ЮТТесты.ДобавитьТест("Case44_Sessions");
	ЮТТесты.ДобавитьТест("Case70_StatusCodes");
	ЮТТесты.ДобавитьТест("XDTOByEitherName");
	ЮТТесты.ДобавитьТест("AliasesOfKeys");

EndProcedure

Procedure Case07_PlainURL() Export

	Parts = HTTPConnector.ParseURL("http://1c.ru");
	ЮТест.ОжидаетЧто(Parts.Scheme).Равно("http");
	ЮТест.ОжидаетЧто(Parts.Authentication).Равно(New Structure("User, Password", "", ""));
	ЮТест.ОжидаетЧто(Parts.Host).Равно("1c.ru");
	ЮТест.ОжидаетЧто(Parts.Port).Равно(0);
	ЮТест.ОжидаетЧто(Parts.Path).Равно("/");
	ЮТест.ОжидаетЧто(Parts.RequestParameters.Count()).Равно(0);
	ЮТест.ОжидаетЧто(Parts.Fragment).Равно("");

EndProcedure

Procedure Case15_URLWithoutScheme() Export

	Response = HTTPConnector.Get(StrReplace(Окружение.HTTP("/get"), "http://", ""));
	ЮТест.ОжидаетЧто(Response.URL).Равно(Окружение.HTTP("/get"));
	ЮТест.ОжидаетЧто(HTTPConnector.AsJson(Response)["url"]).Равно(Окружение.HTTP("/get"));

EndProcedure

Procedure Case16_ParametersInQuery() Export

	Parameters = New Structure;
	Parameters.Insert("name", StrSplit("Smith,Jones", ","));
	Parameters.Insert("salary", 100000);
	Trusting = New Structure("VerifySSL", New Structure("File", Окружение.Доверяя().ПроверятьSSL.Файл));
	Response = HTTPConnector.Get(Окружение.HTTPS("/anything/params"), Parameters, Trusting);
	ЮТест.ОжидаетЧто(Response.URL).Равно(Окружение.HTTPS("/anything/params?name=Smith&name=Jones&salary=100000"));
	ЮТест.ОжидаетЧто(StrConcat(HTTPConnector.AsJson(Response)["args"]["name"], ",")).Равно("Smith,Jones");

EndProcedure

Procedure Case22_AnyHeaders() Export

	Headers = New Map;
	Headers.Insert("X-My-Header", "Hello");
	Data = HTTPConnector.GetJson(Окружение.HTTP("/headers"), , New Structure("Headers", Headers));
	ЮТест.ОжидаетЧто(Data["headers"]["X-My-Header"]).Равно("Hello");

EndProcedure

Procedure Case24_SendJson() Export

	Json = New Structure("Employee, Position", "John Smith", "Worker");
	For Each Method In StrSplit("post,put", ",") Do
		Address = Окружение.HTTP("/" + Method);
		Result = ?(Method = "post", HTTPConnector.PostJson(Address, Json), HTTPConnector.PutJson(Address, Json));
		ЮТест.ОжидаетЧто(Result["json"]["Employee"]).Равно("John Smith");
		ЮТест.ОжидаетЧто(Result["headers"]["Content-Type"]).Равно("application/json; charset=utf-8");
	EndDo;

EndProcedure

Procedure Case26_BasicAuth() Export

	Address = Окружение.HTTP("/basic-auth/user/pass");
	Data = HTTPConnector.GetJson(StrReplace(Address, "://", "://user:pass@"));
	ЮТест.ОжидаетЧто(Data["authenticated"]).ЭтоИстина();
	Authentication = New Structure("User, Password", "user", "pass");
	Data = HTTPConnector.GetJson(Address, , New Structure("Authentication", Authentication));
	ЮТест.ОжидаетЧто(Data["user"]).Равно("user");
	Authentication = HTTPConnector.NewAuthenticationBasic("user", "pass");
	Data = HTTPConnector.GetJson(Address, , New Structure("Authentication", Authentication));
	ЮТест.ОжидаетЧто(Data["user"]).Равно("user");

EndProcedure

Procedure Case40_EndlessRedirect() Export

	ЮТест.ОжидаетЧто(ExceptionText(Окружение.HTTP("/redirect/31"))).Содержит("TooManyRedirects");
	ЮТест.ОжидаетЧто(HTTPConnector.Get(Окружение.HTTP("/redirect/30")).StatusCode).Равно(200);
	Session = HTTPConnector.NewSession();
	Session.MaximumNumberOfRedirects = 2;
	ЮТест.ОжидаетЧто(ExceptionText(Окружение.HTTP("/redirect/3"), Session)).Содержит("TooManyRedirects");

EndProcedure

Procedure Case43_Status404() Export

	Response = HTTPConnector.Get(Окружение.HTTP("/status/404"));
	ЮТест.ОжидаетЧто(Response.StatusCode).Равно(HTTPConnector.HTTPStatusCodes().NotFound_404);

EndProcedure

Procedure Case44_Sessions() Export

	Session = HTTPConnector.NewSession();
	Session.VerifySSL = New Structure("File", Окружение.Доверяя().ПроверятьSSL.Файл);
	HTTPConnector.Get(Окружение.HTTPS("/cookies/set/key/value"), , , Session);
	Data = HTTPConnector.GetJson(Окружение.HTTPS("/cookies"), , , Session);
	ЮТест.ОжидаетЧто(Data["cookies"]["key"]).Равно("value");
	Cookie = Session.Cookies["localhost"]["/"]["key"];
	ЮТест.ОжидаетЧто(Cookie.Description).Равно("key");
	ЮТест.ОжидаетЧто(Cookie.Value).Равно("value");

EndProcedure

Procedure Case70_StatusCodes() Export

	ЮТест.ОжидаетЧто(HTTPConnector.HTTPStatusCodePresentation(400)).Равно("400: Bad Request");
	ЮТест.ОжидаетЧто(HTTPConnector.HTTPStatusCodePresentation(526)).Равно("526: Invalid SSL Certificate");
	Codes = HTTPConnector.HTTPStatusCodes();
	ЮТест.ОжидаетЧто(Codes.Count()).Равно(72);
	ЮТест.ОжидаетЧто(Codes.OK_200).Равно(200);
	ЮТест.ОжидаетЧто(Codes.InvalidSSLCertificate_526).Равно(526);

EndProcedure

Procedure XDTOByEitherName() Export

	Response = HTTPConnector.NewResponse();
	Response.Body = GetBinaryDataFromString("<Message><title>Hello</title></Message>");
	For Each Document In ArrayOf(HTTPConnector.AsXDTO(Response), HTTPConnector.КакXDTO(Response)) Do
		ЮТест.ОжидаетЧто(Document.title).Равно("Hello");
	EndDo;

EndProcedure

Procedure AliasesOfKeys() Export

	Parameters = New Structure("Authentification", HTTPConnector.NewAuthenticationBasic("user", "pass"));
	Response = HTTPConnector.Get(Окружение.HTTP("/basic-auth/user/pass"), , Parameters);
	ЮТест.ОжидаетЧто(Response.StatusCode).Равно(200);
	Identifier = New UUID;
	For Each Prefix In StrSplit("Convertion,Conversion", ",") Do
		Parameters = New Structure;
		Parameters.Insert(Prefix + "FunctionName", "JsonConversion");
		Parameters.Insert(Prefix + "FunctionModule", HTTPConnector);
		Text = HTTPConnector.ObjectToJson(New Structure("id", Identifier), Parameters);
		ЮТест.ОжидаетЧто(Text).Содержит(String(Identifier));
	EndDo;

EndProcedure

Function ExceptionText(Address, Session = Undefined)

	Try
		HTTPConnector.Get(Address, , , Session);
	Except
		Return BriefErrorDescription(ErrorInfo());
	EndTry;
	Return "";

EndFunction

Function ArrayOf(First, Second)

	Result = New Array;
	Result.Add(First);
	Result.Add(Second);
	Return Result;

EndFunction
